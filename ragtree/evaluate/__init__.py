"""Does it find what proves the answer? Questions with quotes, and evidence recall at a token budget."""
