"""The history of the schema `assay`, run by Alembic."""
