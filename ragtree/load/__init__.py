"""Files -> documents, one file a format family."""
