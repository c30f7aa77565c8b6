"""The configuration: which servers there are, where Ostiary listens and where it keeps its state."""

from ostiary.settings.given import (
    environment,
    headers_of,
    name_of,
    pattern_problem,
    secret_headers,
    transport_of,
    variable,
)
from ostiary.settings.reader import DEFAULT_FILE, LOCK_NAME, NAME, NAME_HINT, TRANSPORTS, load, parse
from ostiary.settings.values import Bounds, ServerSettings, Settings, default_state

__all__ = [
    "DEFAULT_FILE",
    "LOCK_NAME",
    "NAME",
    "NAME_HINT",
    "TRANSPORTS",
    "Bounds",
    "ServerSettings",
    "Settings",
    "default_state",
    "environment",
    "headers_of",
    "load",
    "name_of",
    "parse",
    "pattern_problem",
    "secret_headers",
    "transport_of",
    "variable",
]
