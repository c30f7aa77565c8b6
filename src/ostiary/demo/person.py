"""The person who is asked: an operator with a token, who answers by the command line like anybody."""

from __future__ import annotations

import shlex
from pathlib import Path

import msgspec

from ostiary.demo.script import Word
from ostiary.demo.stand import last_line, ostiary
from ostiary.errors import OstiaryError

NAME = "ann"


class Person(msgspec.Struct, frozen=True):
    """Answers for one gateway; `token` is an operator's."""

    config: Path
    token: str

    def answer(self, approval: str, word: Word) -> str:
        """Say it; the command as anybody would type it. Raises `OstiaryError` where it is not taken."""
        verb = "approve" if word.is_yes else "refuse"
        command = ("approvals", verb, approval, *word.options, "--note", word.note)
        done = ostiary(*command, "-c", str(self.config), OSTIARY_OPERATOR=self.token)
        if done.returncode:
            raise OstiaryError(f"`ostiary approvals {verb}` failed: {last_line(done.stderr)}")
        return shlex.join(("ostiary", *command))


def hire(config: Path) -> Person:
    """Make an operator. Raises `OstiaryError`."""
    done = ostiary("operator", "create", "--name", NAME, "-c", str(config), "--format", "json")
    if done.returncode:
        raise OstiaryError(f"`ostiary operator create` failed: {last_line(done.stderr)}")
    return Person(config, str(msgspec.json.decode(done.stdout)["token"]))
