"""What a name means across files: imports, modules, routes and mounts, and what is never served."""
