"""Web frameworks, one file each; the order is the order in which a file's frameworks are tried."""
