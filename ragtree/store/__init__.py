"""The tree on disk: the catalog, Chroma and the lexical index."""
