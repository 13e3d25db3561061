"""Labels for groups: by the terms that set each apart, or by a language model."""
