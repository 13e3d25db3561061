"""Groups of texts -> summaries, each sentence with what supports it."""
