"""Characters at places on pages -> text in reading order: words, columns, tables, paragraphs, headings."""
