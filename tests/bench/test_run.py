"""The benchmark runs and tells everything; how fast is for people to judge."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

RUN = Path(__file__).parents[2] / "bench" / "run.py"


def test_a_quick_run_yields_all_fields() -> None:
    done = subprocess.run(
        [sys.executable, str(RUN), "--quick", "--json"], check=False, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert [(pair["transport"], pair["in_flight"]) for pair in report["pairs"]] == [
        ("http", 1),
        ("http", 64),
        ("stdio", 1),
        ("stdio", 64),
    ]
    for pair in report["pairs"]:
        assert pair["rate_ratio"] > 0
        assert {"added_p50_us", "added_p99_us"} <= pair.keys()
        for figures in (pair["gate"], pair["direct"]):
            assert figures["errors"] == 0
            assert figures["per_second"] > 0
            assert 0 < figures["p50_us"] <= figures["p99_us"]
            assert "cpu_us" in figures
    sizes = report["sizes"]
    assert sizes["servers_declared"] == 10
    assert sizes["run_help_seconds"] > 0
    assert {"run_added_first_answer_seconds", "resident_mb_at_start", "resident_mb_after_load"} <= sizes.keys()


def test_a_word_that_it_does_not_know_is_a_usage_error() -> None:
    done = subprocess.run(
        [sys.executable, str(RUN), "--fast"], check=False, capture_output=True, text=True, timeout=180
    )
    assert done.returncode == 2
    assert "--fast" in done.stderr
