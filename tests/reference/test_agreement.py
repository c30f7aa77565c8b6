"""The naive evaluator and the real one agree: 10^4 pairs here, 10^6 with `./dev nightly`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reference.compare import compare


@pytest.mark.parametrize("seed", range(5))
def test_ten_thousand_pairs_of_policy_and_call(seed: int) -> None:
    met = compare(2_000, seed)
    assert set(met) == {"allow", "deny", "hide", "require_approval", "limit", "error"}
    assert min(met.values()) > 20, met


def test_the_naive_evaluator_is_small_and_separate() -> None:
    text = Path(__file__).with_name("evaluator.py").read_text("utf-8")
    assert len(text.splitlines()) < 300
    assert "ostiary" not in text
