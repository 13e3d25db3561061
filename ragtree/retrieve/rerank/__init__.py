"""Rerankers: they score the first passages again. One file for each method."""
