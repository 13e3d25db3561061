"""Vectors and token counts -> groups."""
