"""The web page: the tree as a table of contents, the chat, and the source beside the answer."""
