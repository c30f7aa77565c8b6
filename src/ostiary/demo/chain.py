"""What the ledger says of the agent's calls, and whether its chain holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ostiary.demo.stand import Scene, last_line, ostiary
from ostiary.demo.verdict import Recorded
from ostiary.errors import OstiaryError
from ostiary.model import Effect, Record

JUDGED = frozenset({"call.intent", "call.refused"})
OUTCOME = "call.outcome"


def export(config: Path) -> tuple[Record, ...]:
    """Every record of the ledger, by `ostiary ledger export`. Raises `OstiaryError`."""
    done = ostiary("ledger", "export", "-c", str(config))
    if done.returncode:
        raise OstiaryError(f"`ostiary ledger export` failed: {last_line(done.stderr)}")
    return tuple(msgspec.json.decode(line, type=Record) for line in done.stdout.splitlines())


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


def prove(scene: Scene, records: Sequence[Record]) -> Proof:
    """Verify the ledger, then a copy with one word of one record changed."""
    verified = ostiary("ledger", "verify", "-c", str(scene.config))
    forged = scene.directory / "forged.jsonl"
    forged.write_bytes(b"\n".join(msgspec.json.encode(forge(record)) for record in records))
    refused = ostiary("ledger", "verify", str(forged))
    return Proof(
        says=last_line(verified.stdout or verified.stderr),
        is_sound=verified.returncode == 0 and refused.returncode == 1,
        says_of_forgery=last_line(refused.stdout or refused.stderr),
    )


def forge(record: Record) -> Record:
    """The record, unless it is one of a refused refund: that one then says that it was allowed."""
    if record.body.get("tool") != "issue_refund" or record.body.get("decision") != Effect.DENY:
        return record
    return msgspec.structs.replace(record, body={**record.body, "decision": Effect.ALLOW})
