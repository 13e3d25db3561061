"""A reader for every format: bytes of a file -> text, outline and metadata."""
