"""Question -> hits. One file a mode."""
