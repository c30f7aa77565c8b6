"""MCP as bytes and values: strict JSON, JSON-RPC, the two eras, events, headers, answers. No I/O."""
