"""Request -> what it is answered from: the table of contents, whole documents, the catalog, and what a search finds."""
