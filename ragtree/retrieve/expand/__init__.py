"""Query expansion: what is searched with beside the question. One file for each method."""
