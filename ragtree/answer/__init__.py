"""Hits -> an answer whose every sentence can be read back."""
