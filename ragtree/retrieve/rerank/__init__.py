"""What looks at the first passages again. One file a way."""
