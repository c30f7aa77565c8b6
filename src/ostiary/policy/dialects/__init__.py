"""The two forms of policy that users already have, and which of them a document is written in."""

from ostiary.policy.dialects.recognise import Dialect, recognise

__all__ = ["Dialect", "recognise"]
