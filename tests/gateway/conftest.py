"""Nothing that happens here may end in a traceback: every test's gateways are searched for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.place import Place, complaints


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    assert complaints(made.said) == [], made.said
