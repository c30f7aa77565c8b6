"""A machine with MCP clients: a home of its own, and the command as it is typed there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.real.places import ostiary

SERVER: Final = Path(__file__).resolve().parents[1] / "catalog" / "listing_server.py"


@dataclass(frozen=True, slots=True)
class Told:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Machine:
    home: Path

    def write(self, name: str, document: object) -> Path:
        """A file of the home: text as it is, anything else as JSON."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(document if isinstance(document, str) else json.dumps(document, indent=2))
        return path

    def run(self, *arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Told:
        """A command of Ostiary with nobody at the keyboard."""
        done = subprocess.run(
            [*ostiary(), *arguments],
            cwd=cwd or self.home,
            env={"HOME": str(self.home), "PATH": os.environ["PATH"], **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Told(done.returncode, done.stdout, done.stderr)


def lister(mode: str = "one", **more: object) -> dict[str, object]:
    """An entry for a server that lists tools."""
    return {"command": sys.executable, "args": [str(SERVER), mode], **more}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    home = tmp_path / "home"
    home.mkdir()
    return Machine(home)
