"""The MCP server: tools and resources over the collections, for agents."""
