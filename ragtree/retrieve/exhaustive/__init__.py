"""All of something, and not the best of it."""
