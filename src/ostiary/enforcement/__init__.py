"""The policy enforcement point: `Gate` takes every message, `calls` is the path of a tool call."""

from ostiary.enforcement.agent import Agent
from ostiary.enforcement.gate import Gate

__all__ = ["Agent", "Gate"]
