"""The saved lists of real servers, where they are, and a catalogue made of them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

import pytest

from ostiary.catalog.about import SHIPPED, load
from ostiary.catalog.catalog import Catalog, compile_catalog
from ostiary.catalog.sources import gather

SEEDS: Final = Path(__file__).resolve().parents[3] / "shared" / "data" / "tools"


def seeds() -> Path:
    """The folder of lists; a test that needs it is skipped where it is absent."""
    if not SEEDS.is_dir():
        pytest.skip(f"no saved lists of tools in {SEEDS}")
    return SEEDS


@lru_cache(maxsize=1)
def seeded() -> Catalog:
    """The catalogue of the real servers."""
    about = load(SHIPPED)
    return compile_catalog(gather([seeds()], about, "2026-11-28"), about)
