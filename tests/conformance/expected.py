"""Differences that have to be, each with its reason: nothing else may differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_WHOLE: Final = "a stdio server's answer that nothing precedes is sent whole, as JSON; the suite calls streams optional"
_CLOSED: Final = "a stdio server has no stream that it could close in the middle of a call"

EXPECTED: Final[Mapping[tuple[str, str, str], str]] = {
    ("gate-stdio", "server-sse-multiple-streams", "server-sse-streams-functional"): _WHOLE,
    ("gate-stdio", "server-sse-polling", "server-sse-priming-event"): _WHOLE,
    ("gate-stdio", "server-sse-polling", "server-sse-retry-field"): _WHOLE,
    ("gate-stdio", "server-sse-polling", "server-sse-disconnect-resume"): _CLOSED,
}
"""Path, scenario and check → why the gate does otherwise."""
