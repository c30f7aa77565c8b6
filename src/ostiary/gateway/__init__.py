"""What faces the agent: HTTP and stdio."""
