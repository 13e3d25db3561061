"""Question -> request: what is asked for, of which documents, in which language."""
