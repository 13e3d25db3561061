"""Tables in documents: found in their texts, asked by columns and rows, and computed with, never by a model."""
