"""A web server over indexes: a page, an OpenAI-compatible interface and an MCP server, in one process."""
