"""Which models are on this machine, under which name ragtree takes them, and whether their files are whole."""
