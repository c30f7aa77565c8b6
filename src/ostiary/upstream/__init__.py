"""Adapters to MCP servers: Streamable HTTP, and children over stdio. Each keeps the promises of `ports.Upstream`."""
