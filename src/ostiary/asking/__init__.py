"""Asking people: from a call that policy holds to their answer, and back. The rules are in `approvals`, pure."""
