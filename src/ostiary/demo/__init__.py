"""What `ostiary demo` shows: a support desk as a real MCP server, the gate before it, and an agent that goes astray."""
