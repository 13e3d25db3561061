"""Text recognition: pictures of pages -> words with their places."""
