"""The commands of the store: db, token, audit."""
