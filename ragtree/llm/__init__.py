"""Chat models: in this process, on a server, or scripted."""
