"""Question -> hits. One file for each mode."""
