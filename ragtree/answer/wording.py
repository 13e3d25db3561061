"""What ragtree itself says in an answer, in one place."""

NOT_IN_DOCUMENTS = "These documents do not answer that."
NEAREST = "The nearest passages:"
DOCUMENTS_SAY = "The documents say:"
UNSUPPORTED_MARK = "[no source]"
