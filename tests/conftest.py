"""What every test may ask for."""

from __future__ import annotations

import pytest

from tests.real.places import pick_port


@pytest.fixture
def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listened on a moment ago."""
    return pick_port()
