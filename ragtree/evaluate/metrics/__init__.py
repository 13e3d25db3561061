"""The field's measures. Each gives one value per question, so that two runs can be compared question by question."""
