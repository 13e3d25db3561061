"""What is searched with beside the question. One file a way."""
