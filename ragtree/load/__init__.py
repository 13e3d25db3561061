"""Files -> documents, with one module per family of formats."""
