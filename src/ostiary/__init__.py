"""Ostiary: a policy-enforcing gateway between AI agents and their MCP tools."""

__version__ = "0.1.0"
