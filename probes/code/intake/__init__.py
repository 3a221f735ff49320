"""What belongs to a scan: the files of the project, why the others are left out, and what the project wants."""
