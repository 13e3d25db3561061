"""Tables in documents: found in texts, searched by columns and rows, and computed with; never by a model."""
