"""`ostiary demo` as a newcomer runs it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from ostiary.demo.script import STEPS


def demo(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    return subprocess.run(
        [sys.executable, *words, "-m", "ostiary", "demo"],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
    )


def test_every_outcome_is_shown_and_is_as_the_policy_says(tmp_path: Path) -> None:
    done = demo(tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    shown = re.findall(r"^(allowed|denied|limited|hidden|approval) +(\w+)\(.*\) +(/\S+)", done.stdout, re.MULTILINE)
    assert [tool for _, tool, _ in shown] == [step.tool for step in STEPS]
    assert [rule for _, _, rule in shown] == [step.rule for step in STEPS]
    assert [word for word, _, _ in shown] == [
        *("allowed", "allowed", "allowed"),
        *("denied", "allowed", "allowed", "limited"),
        *("hidden", "approval", "denied", "denied", "allowed", "denied"),
    ]
    assert "The agent is shown 8; not export_all_customers." in done.stdout
    assert done.stdout.count("nothing reached the database") == 7
    assert done.stdout.count("written to the database") == 2
    assert "shadow: would deny" in done.stdout
    assert re.search(r"refunded, EUR +79\.00 +227\.00 +5,226\.00", done.stdout)
    assert re.search(r"orders +9 +9 +0", done.stdout)
    assert "Every one as the policy says." in done.stdout
    assert "WRONG" not in done.stdout
    assert "\x1b" not in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_without_the_sdk_one_line_says_what_to_install(tmp_path: Path) -> None:
    broken = tmp_path / "without" / "mcp"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "ostiary", "demo"],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(broken.parent), os.environ.get("PYTHONPATH", "")])},
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "pip install 'ostiary[demo]'" in done.stderr
