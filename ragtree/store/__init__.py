"""The tree on disk: Chroma and the catalog."""
