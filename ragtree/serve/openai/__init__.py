"""OpenAI's interface at /v1: chat completions, responses, embeddings, vector stores and files."""
