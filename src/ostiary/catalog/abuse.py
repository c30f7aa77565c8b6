"""Which attacks abuse what a tool can do, and what in its own definition makes them possible."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from ostiary.catalog import attacks
from ostiary.catalog.attacks import Attack
from ostiary.catalog.parameters import Parameter
from ostiary.risk import Assessed, RiskClass, Severity
from ostiary.risk.rules import shown

__all__ = ["ATTACKS", "Abuse", "attacks_on"]

_MOST: Final = 5
_READ, _WRITE, _EXECUTE = RiskClass.READ, RiskClass.WRITE, RiskClass.EXECUTE
_DESTRUCTIVE, _FINANCIAL = RiskClass.DESTRUCTIVE, RiskClass.FINANCIAL


class Abuse(msgspec.Struct, frozen=True):
    """An attack on one tool, and what in the tool's definition makes it possible."""

    attack: Attack
    because: str


Check = Callable[[Assessed, Sequence[Parameter]], str]
"""Why an attack applies to a tool, as a sentence; empty where it does not."""


def attacks_on(one: Assessed, fields: Sequence[Parameter]) -> tuple[Abuse, ...]:
    """The attacks that abuse what a tool can do, the most telling first; five at most."""
    found = [Abuse(attack, because) for attack, check in _CHECKS if (because := check(one, fields))]
    return tuple(found[:_MOST])


def _signalled(*names: str) -> Check:
    """Applies where an argument shows one of these signals."""

    def check(one: Assessed, fields: Sequence[Parameter]) -> str:
        shown = [name for name in names if name in one.risk.signals]
        if not shown:
            return ""
        kind = shown[0].removeprefix("free-form:")
        named = _argument(fields, kind)
        return f"Its argument `{named}` is a free {_KINDS.get(kind, kind)}." if named else _SIGNALLED[kind]

    return check


_KINDS: Final = {"sql": "SQL statement", "code": "piece of code", "url": "URL"}
_SIGNALLED: Final = {
    "code": "It takes code as an argument.",
    "command": "It takes a command as an argument.",
    "sql": "It takes a statement as an argument.",
    "query": "It takes a query as an argument.",
    "path": "It takes a path as an argument.",
    "url": "It takes a URL as an argument.",
}


def _argument(fields: Sequence[Parameter], *words: str) -> str:
    """The first parameter whose name holds one of the words."""
    return next((one.path for one in fields if any(word in one.path.lower().rsplit(".", 1)[-1] for word in words)), "")


def _is(*classes: RiskClass) -> Check:
    def check(one: Assessed, _: Sequence[Parameter]) -> str:
        return _BY_CLASS[one.risk.risk_class] if one.risk.risk_class in classes else ""

    return check


_BY_CLASS: Final = {
    _READ: "What it returns goes to the model.",
    _WRITE: "It changes something, and nothing in the protocol asks who wanted it.",
    _EXECUTE: "It sets something going, and nothing in the protocol asks who wanted it.",
    _DESTRUCTIVE: "It destroys something, and nothing in the protocol asks who wanted it.",
    _FINANCIAL: "It moves money, and nothing in the protocol asks who wanted it.",
}


def _poisoned(one: Assessed, _: Sequence[Parameter]) -> str:
    return f"The scan found this in its definition: {one.findings[0].title.lower()}." if one.findings else ""


def _confirms(_: Assessed, fields: Sequence[Parameter]) -> str:
    found = next(
        (field.path for field in fields if "confirm" in field.path.lower() and "boolean" in field.kind.split(" or ")),
        "",
    )
    return f"Its argument `{found}` is set by the model, not by a person." if found else ""


_POWERS: Final = re.compile(
    r"(?i)(?:^|[_\W-])(?:polic(?:y|ies)|roles?|permissions?|grants?|groups?|access[_-]?keys?|users?|iam|acl)(?:$|[_\W-])"
)


def _empowers(one: Assessed, _: Sequence[Parameter]) -> str:
    if one.risk.risk_class is _READ or not (found := _POWERS.search(one.tool.name)):
        return ""
    return f"Its name says that it is about who may do what: `{found[0].strip('_-')}`."


def _reads_secrets(one: Assessed, fields: Sequence[Parameter]) -> str:
    if one.risk.risk_class is _READ and one.risk.severity is Severity.HIGH:
        return "What it reads may be secret."
    if "credential" in one.risk.signals:
        named = _argument(fields, "password", "secret", "token", "key", "credential")
        return f"Its argument `{named}` is a secret." if named else "One of its arguments is a secret."
    return ""


def _reads_private(one: Assessed, _: Sequence[Parameter]) -> str:
    is_private = one.risk.risk_class is _READ and one.risk.severity.rank >= Severity.MEDIUM.rank
    return "It reads what is not public." if is_private else ""


def _brings_in(one: Assessed, fields: Sequence[Parameter]) -> str:
    if one.risk.risk_class is not _READ:
        return ""
    if "free-form:url" in one.risk.signals:
        return f"It returns whatever stands at `{_argument(fields, 'ur', 'link', 'href', 'host') or 'an address'}`."
    if one.risk.severity is Severity.LOW and not any(signal.startswith("free-form") for signal in one.risk.signals):
        return ""
    return "What it returns can be text that others wrote."


_COST: Final = re.compile(r"(?i)[^.]*\b(?:incurs?|charges?|billed|cost warning|expensive|pricing)\b[^.]*\.?")


def _costs(one: Assessed, _: Sequence[Parameter]) -> str:
    found = _COST.search(" ".join(one.tool.description.split()))
    return f"Its description says that it costs: “{shown(found[0].strip(), 160)}”" if found else ""


def _two_ways(_: Assessed, fields: Sequence[Parameter]) -> str:
    for one in fields:
        kinds = one.kind.split(" or ")
        if "string" in kinds and any(kind.startswith(("list", "object")) for kind in kinds):
            return f"Its argument `{one.path}` may be {one.kind}: the same value can come in two forms."
    return ""


_MOVES: Final = re.compile(r"(?i)\b(?:migrat|import|restore|copy|sync|replicat|load)\w*")


def _moves_data(one: Assessed, fields: Sequence[Parameter]) -> str:
    found = _MOVES.search(one.tool.name.replace("_", " ").replace("-", " "))
    target = _argument(fields, "endpoint", "address", "host", "source", "bucket", "uri", "url", "snapshot")
    if one.risk.risk_class is _READ or not found or not target:
        return ""
    return f"It moves data, and its argument `{target}` says from where or to where."


def _hideable(one: Assessed, _: Sequence[Parameter]) -> str:
    return "The recommended policy hides it." if one.recommended.action == "hide" else ""


def _held(one: Assessed, _: Sequence[Parameter]) -> str:
    return (
        "The recommended policy holds its calls for a person." if one.recommended.action == "require_approval" else ""
    )


def _always(_one: Assessed, _fields: Sequence[Parameter]) -> str:
    return "Every definition can change."


_CHECKS: Final[tuple[tuple[Attack, Check], ...]] = (
    (attacks.POISON, _poisoned),
    (attacks.CODE, _signalled("free-form:code", "free-form:command")),
    (attacks.SQL, _signalled("free-form:sql", "free-form:query")),
    (attacks.MONEY, _is(_FINANCIAL)),
    (attacks.POWER, _empowers),
    (attacks.MOVED, _moves_data),
    (attacks.DESTROYED, _is(_DESTRUCTIVE)),
    (attacks.CONSENT, _confirms),
    (attacks.ADDRESSES, _signalled("free-form:url")),
    (attacks.PATHS, _signalled("free-form:path")),
    (attacks.INJECTED, _is(_WRITE, _EXECUTE, _DESTRUCTIVE, _FINANCIAL)),
    (attacks.COSTS, _costs),
    (attacks.SECRETS, _reads_secrets),
    (attacks.LEAK, _reads_private),
    (attacks.TYPES, _two_ways),
    (attacks.LISTED, _hideable),
    (attacks.REPLAY, _held),
    (attacks.BROUGHT, _brings_in),
    (attacks.LOOPS, _is(_WRITE, _EXECUTE)),
    (attacks.RUG, _always),
)

ATTACKS: Final[tuple[Attack, ...]] = tuple(attack for attack, _ in _CHECKS)
