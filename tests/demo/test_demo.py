"""`ostiary demo` as a newcomer runs it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from ostiary.demo.person import Person
from ostiary.demo.script import STEPS
from ostiary.demo.show import both
from ostiary.demo.stand import Scene
from ostiary.errors import OstiaryError


@dataclass(frozen=True, slots=True)
class Demo:
    """One run of the demo, and where its temporary files were."""

    done: subprocess.CompletedProcess[str]
    place: Path


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    place = tmp_path_factory.mktemp("demo")
    return Demo(_demonstrated({"TMPDIR": str(place)}), place)


def _demonstrated(environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    words = (sys.executable, "-m", "ostiary", "demo")
    return subprocess.run(
        words, check=False, capture_output=True, text=True, timeout=180, env={**os.environ, **environment}
    )


def test_every_outcome_is_shown_and_is_as_the_policy_says(demo: Demo) -> None:
    done = demo.done
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    shown = re.findall(r"^(allowed|denied|limited|hidden|held) +(\w+)\(.*\) +(/\S+)", done.stdout, re.MULTILINE)
    assert [tool for _, tool, _ in shown] == [step.tool for step in STEPS]
    assert [rule for _, _, rule in shown] == [step.rule for step in STEPS]
    assert [word for word, _, _ in shown] == [
        *("allowed", "allowed", "allowed"),
        *("denied", "allowed", "allowed", "limited"),
        *("hidden", "held", "denied", "denied", "denied", "allowed", "denied"),
        *("held", "allowed"),
    ]
    assert "The agent is shown 8; not export_all_customers." in done.stdout
    assert done.stdout.count("nothing reached the database") == 9
    assert done.stdout.count("written to the database") == 3
    assert "shadow: would deny" in done.stdout
    assert re.search(r"refunded, EUR +79\.00 +227\.00 +5,226\.00", done.stdout)
    assert re.search(r"orders +9 +9 +0", done.stdout)
    assert re.search(r"addresses changed as Ada asked +0 +1 +1$", done.stdout, re.MULTILINE)
    assert re.search(r"accounts moved to the thief's address +0 +0 +1$", done.stdout, re.MULTILINE)
    assert "16 calls: 7 allowed, 5 denied, 1 limited, 1 hidden, 2 held. Every one as the policy says." in done.stdout
    assert "WRONG" not in done.stdout
    assert "\x1b" not in done.stdout
    assert list(demo.place.iterdir()) == []


def test_a_person_answers_the_approval_that_the_agent_waits_for(demo: Demo) -> None:
    middle = [line[10:67] for line in demo.done.stdout.splitlines()]
    said = " ".join(" ".join(middle).split())
    waiting = re.findall(r"Waiting for approval (ap_\w+); call again with the same arguments\.", said)
    answered = re.findall(r"ostiary approvals (refuse|approve) (ap_\w+) --note", said)
    assert [verb for verb, _ in answered] == ["refuse", "approve"]
    assert [id for _, id in answered] == waiting
    assert f"operator:ann refused it: Chiara did not ask for this (approval {waiting[0]}). Do not retry." in said


async def test_a_play_without_end_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "serve.log").write_text("listening\nit is stuck\n")
    scene = Scene(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/mcp/desk"
        with pytest.raises(OstiaryError) as raised:
            await both(scene, url, "token", Person(scene.config, "token"), seconds=0.2)
    assert str(raised.value) == (
        "ostiary demo: the script was not played to its end within 0.2 s; `ostiary serve` says: it is stuck"
    )


def test_without_the_sdk_one_line_says_what_to_install(tmp_path: Path) -> None:
    broken = tmp_path / "without" / "mcp"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("")
    path = os.pathsep.join([str(broken.parent), os.environ.get("PYTHONPATH", "")])
    done = _demonstrated({"PYTHONPATH": path})
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "pip install 'ostiary[demo]'" in done.stderr
