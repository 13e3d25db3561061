"""Request -> what it is answered from: the table of contents, the catalog, whole documents, and search results."""
