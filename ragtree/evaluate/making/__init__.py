"""Makes questions from a folder's own documents, for a person who has none."""
