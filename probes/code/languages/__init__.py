"""Source bytes of one file -> `FileFacts`; one module per language."""
