"""Published datasets, and questions of your own -> documents, questions and what is right."""
