"""Connect and query with a deadline that holds."""
