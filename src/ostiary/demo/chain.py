"""What the ledger says of the agent's calls, and whether its chain holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ostiary.demo.stand import last_line, ostiary
from ostiary.demo.verdict import Recorded
from ostiary.errors import OstiaryError
from ostiary.model import Effect, Record

JUDGED = frozenset({"call.intent", "call.refused"})
OUTCOME = "call.outcome"


def export(config: Path) -> str:
    """The ledger as `ostiary ledger export` prints it, a record per line. Raises `OstiaryError`."""
    done = ostiary("ledger", "export", "-c", str(config))
    if done.returncode:
        raise OstiaryError(f"`ostiary ledger export` failed: {last_line(done.stderr)}")
    return done.stdout


def parse(exported: str) -> tuple[Record, ...]:
    return tuple(Record(**msgspec.json.decode(line)) for line in exported.splitlines())


def calls(records: Sequence[Record]) -> tuple[Recorded, ...]:
    """The tool calls in the order in which they were judged, each with how it ended if it was sent."""
    outcomes = {record.body["call"]: record.body["outcome"] for record in records if record.kind == OUTCOME}
    return tuple(_recorded(record.body, outcomes) for record in records if record.kind in JUDGED)


def _recorded(body: Mapping[str, Any], outcomes: Mapping[Any, Any]) -> Recorded:
    would = body.get("would")
    return Recorded(
        tool=body["tool"],
        effect=Effect(body["decision"]),
        rule=body["rule"],
        would=None if would is None else Effect(would),
        outcome=outcomes.get(body["call"]),
    )


class Proof(msgspec.Struct, frozen=True):
    """What `ostiary ledger verify` says of the ledger, and of a copy in which one figure of a record was changed."""

    says: str
    is_sound: bool
    says_of_forgery: str


def prove(config: Path, exported: str, tool: str) -> Proof:
    """Verify the ledger, then an export in which refused calls of the tool say that they were allowed."""
    directory = config.parent
    verified = ostiary("ledger", "verify", "-c", str(config))
    forged = directory / "forged.jsonl"
    forged.write_text("".join(forge(line, tool) for line in exported.splitlines(keepends=True)))
    refused = ostiary("ledger", "verify", str(forged))
    says, says_of_forgery = (
        last_line(done.stdout or done.stderr).replace(f"{directory}/", "") for done in (verified, refused)
    )
    return Proof(says, verified.returncode == 0 and refused.returncode == 1, says_of_forgery)


def forge(line: str, tool: str) -> str:
    return line.replace('"decision":"deny"', '"decision":"allow"') if f'"tool":"{tool}"' in line else line
