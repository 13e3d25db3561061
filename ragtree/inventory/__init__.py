"""The models on this machine: their names for ragtree, and whether their files are complete."""
