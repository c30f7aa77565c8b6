"""How bad one wrong call is, apart from the class: there are harmless executions and grave writes.

A table per class of words in the name and at the head of the description, tried from the worst severity down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ostiary.model import Tool
from ostiary.risk.context import Context
from ostiary.risk.names import tokens
from ostiary.risk.nouns import Trade, singular, things
from ostiary.risk.risk import RiskClass, Severity

__all__ = ["severity"]

_LOW, _MEDIUM, _HIGH, _CRITICAL = Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL

_PRIVATE: Final = things(
    "email mail message inbox thread_mail user member customer contact person people profile invoice payment "
    "transaction balance order subscription record row item document note file content memory fact sql log "
    "conversation transcript history calendar patient employee lead deal position holding aggregate find episode "
    "portfolio graph data graphql node observation cookie network attachment snippet output vulnerability finding"
)
_SECRETS: Final = things("secret credential password env variable token apikey private vault kubeconfig access_key")
_PUBLIC: Final = things(
    "info web documentation docs search_web price quote weather news schema status language version time type "
    "health metric"
)
_TRIFLES: Final = things(
    "reaction star feedback emoji notify notification favorite like bookmark directory diagram subscription"
)
_PEOPLE: Final = things("email sms message slack mail tweet campaign broadcast publish announce whatsapp statuspage")
_POWERS: Final = things(
    "permission access role grant policy secret credential admin user protection env config auth key token "
    "webhook domain dns firewall security iam production action connection cluster phone team_access upgrade"
)
_ARBITRARY: Final = things(
    "code shell command sql script cypher terminal process bash powershell exec python ssh run_sql"
)
_RUNS: Final = things("run exec execute retry diff command eval sudo")
_GESTURES: Final = things(
    "hover focus minimize maximize window resize close scroll volume mute unmute play pause next previous wake trace "
    "recording emulate screencast monitor_display back forward tab brightness"
)
_MILD: Final = things(
    "click navigate fill select url page retry reload monitor browser search stop abort install extension "
    "launch pwa simulator "
    "cancel rerun test queue session"
)
_VAST: Final = things(
    "database bucket project namespace workspace_all resource cluster account organization org repository "
    "tenant instance vm "
    "all many server volume table collection stack user snapshot backup graph branch index storage permanently"
)
_SLIGHT: Final = things(
    "timer tag relation relationship label reaction log cache state draft filter bookmark status effect "
    "comment observation"
)
_FIRM: Final = things("subscription link finalize invoice checkout cancel domain booking position leverage")

_TABLE: Final[Mapping[RiskClass, tuple[tuple[frozenset[str], Severity], ...]]] = {
    RiskClass.READ: ((_SECRETS, _HIGH), (_PUBLIC, _LOW), (_PRIVATE, _MEDIUM)),
    RiskClass.WRITE: ((_TRIFLES, _LOW), (_PEOPLE, _HIGH), (_POWERS, _HIGH)),
    RiskClass.EXECUTE: ((_GESTURES, _LOW), (_ARBITRARY, _CRITICAL), (_MILD, _MEDIUM)),
    RiskClass.DESTRUCTIVE: ((_SLIGHT, _MEDIUM), (_VAST, _CRITICAL)),
    RiskClass.FINANCIAL: ((_FIRM, _HIGH),),
}
_OTHERWISE: Final = {
    RiskClass.READ: _LOW,
    RiskClass.WRITE: _MEDIUM,
    RiskClass.EXECUTE: _HIGH,
    RiskClass.DESTRUCTIVE: _HIGH,
    RiskClass.FINANCIAL: _CRITICAL,
}


def _own(tool: Tool, known: Context) -> tuple[str, ...]:
    """The words of a name without those at its beginning that are the server's."""
    words = tokens(tool.name)
    while len(words) > 1 and words[0] in known.prefixes | known.server:
        words = words[1:]
    return words


def severity(risk_class: RiskClass, tool: Tool, said: Sequence[str], known: Context) -> Severity:
    """The severity of a tool of this class; `destructiveHint` and free-form code may raise it, nothing lowers it."""
    names = _own(tool, known)
    words = {form for word in names for form in (word, singular(word))}
    graded = next((grade for heard, grade in _TABLE[risk_class] if not heard.isdisjoint(words)), _OTHERWISE[risk_class])
    floor = _LOW
    if risk_class is RiskClass.EXECUTE and Trade.TERMINAL in known.trades and not _RUNS.isdisjoint(words):
        floor = _CRITICAL
    if risk_class is RiskClass.EXECUTE and not {"free-form:code", "free-form:command", "free-form:sql"}.isdisjoint(
        said
    ):
        floor = _HIGH
    if risk_class is RiskClass.WRITE and tool.annotations.get("destructiveHint") is True:
        floor = _MEDIUM
    return max(graded, floor, key=lambda one: one.rank)
