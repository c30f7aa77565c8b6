"""The MCP clients on this machine: where each keeps its servers, how they are written there, and how to change that."""
