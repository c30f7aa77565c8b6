"""A page of the documentation, and typing what it says."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Page:
    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text()

    def blocks(self, language: str = r"\w*") -> list[str]:
        """The code blocks, in order."""
        return re.findall(rf"```{language}\n(.*?)```", self.text, re.DOTALL)

    def block(self, beginning: str) -> str:
        """The one code block that begins so."""
        [found] = [text for text in self.blocks() if text.startswith(beginning)]
        return found


def typed(lines: str, directory: Path, environment: Mapping[str, str]) -> str:
    """What a shell prints for these lines, which must succeed."""
    done = subprocess.run(
        ["sh", "-ec", lines],
        cwd=directory,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, f"{lines}\n{done.stdout}{done.stderr}"
    return done.stdout
