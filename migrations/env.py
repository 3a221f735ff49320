"""Alembic's environment: runs revisions on the connection that it is given, in the transaction that is open on it.

`assay.audit.schema` is the only caller. It holds the advisory lock, sets the lock timeout and commits; there is no
`alembic.ini` and no way to run without a connection, so that no other Alembic configuration can be mixed up with this
one.
"""

from alembic import context
from sqlalchemy import Connection

connection = context.config.attributes.get("connection")
if not isinstance(connection, Connection):
    raise TypeError("Assay's migrations are run by `assay db upgrade` and `assay db downgrade`, not by `alembic`")

context.configure(
    connection=connection,
    target_metadata=context.config.attributes.get("target_metadata"),
    version_table="alembic_version",
    version_table_schema="assay",
    include_schemas=True,
)
with context.begin_transaction():
    context.run_migrations()
