"""Approved definitions of tools: the lock file, what is in force of it, and what a person is shown of a change."""
