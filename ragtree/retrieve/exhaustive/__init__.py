"""Searches that want everything there is, not the best hits."""
