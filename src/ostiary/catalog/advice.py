"""What to write into a policy about one tool: the recommended rule, and the other ways to control it, ready to copy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from ostiary.catalog.parameters import Parameter
from ostiary.risk import Assessed, RiskClass, policy_text
from ostiary.risk.policy_text import is_exact, scalar

__all__ = ["Advice", "advise"]


class Advice(msgspec.Struct, frozen=True):
    """One way to control a tool: `id` is `recommended`, `limit`, `hold`, `deny`, `hide` or `narrow`; `policy` is a
    whole policy of one tool, as YAML."""

    id: str
    title: str
    why: str
    policy: str


_TITLES: Final = {
    "allow": "Allow it",
    "deny": "Deny it",
    "hide": "Hide it",
    "require_approval": "Hold it for a person",
}
_DEFAULT: Final = "default: deny  # what is not named is refused"


def advise(one: Assessed, fields: Sequence[Parameter]) -> tuple[Advice, ...]:
    """The recommended rule first. Empty for a tool that no policy can name exactly: it is left to `default: deny`."""
    name = one.tool.name
    if not is_exact(name):
        return ()
    key = scalar(name)
    return tuple(_ways(one, key, fields))


def _ways(one: Assessed, key: str, fields: Sequence[Parameter]) -> Iterator[Advice]:
    advised = one.recommended
    title = _TITLES[advised.action] + (
        f", at most {advised.rate_limit.replace('/', ' a ')}" if advised.rate_limit else ""
    )
    if advised.selector:
        title += f", unless `{advised.selector}` only reads"
    text = policy_text("", [one.tool], [one.risk], [advised])
    yield Advice("recommended", title, f"{advised.reason}.", _bare(text))
    window = "It may run ten times in any 60 seconds; the eleventh call is refused, and told when to come back."
    yield Advice("limit", "Limit it", window, _policy(key, "rate_limit: {max: 10, window: 60}"))
    narrowed = _narrowed(one, fields)
    if narrowed is not None:
        what, lines = narrowed
        if one.risk.risk_class is not RiskClass.READ:
            lines.append("rate_limit: {max: 10, window: 60}")
        yield Advice("narrow", "Narrow its arguments", what, _policy(key, *lines))
    if advised.action != "require_approval" or advised.selector:
        held = "Every call waits for a person, who sees its exact arguments and answers for this call alone."
        yield Advice(
            "hold",
            "Hold it for a person",
            held,
            _policy(key, "action: require_approval", f"reason: {_CAUSES[one.risk.risk_class]}"),
        )
    if advised.action != "deny":
        denied = "Agents see it in the list; a call is refused, and the model reads the reason."
        yield Advice("deny", "Deny it", denied, _policy(key, "action: deny", "reason: Not for agents"))
    if advised.action != "hide":
        gone = "It is not in the list, and a call is answered as if there were no such tool."
        yield Advice("hide", "Hide it", gone, f"version: 1\n{_DEFAULT}\nhide:\n  - {key}\n")


_CAUSES: Final = {
    RiskClass.READ: "A person decides who reads this",
    RiskClass.WRITE: "A person looks at changes first",
    RiskClass.EXECUTE: "A person decides when this runs",
    RiskClass.DESTRUCTIVE: "What it destroys is gone",
    RiskClass.FINANCIAL: "A person decides about money",
}


def _policy(key: str, *lines: str) -> str:
    inner = "\n".join(f"    {line}" for line in lines)
    return f"version: 1\n{_DEFAULT}\ntools:\n  {key}:\n{inner}\n"


def _bare(text: str) -> str:
    """The policy without the blank lines and group comments that one tool has no use for."""
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    return "\n".join(_DEFAULT if line.startswith("default:") else line for line in lines) + "\n"


def _narrowed(tool: Assessed, fields: Sequence[Parameter]) -> tuple[str, list[str]] | None:
    """An example of a condition on the most telling argument that a condition can name, with what it does."""
    if "sql" in tool.tool.description.lower():
        fields = [field for field in fields if field.path in _STATEMENTS] or fields
    for wanted in (_by_statement, _by_values, _by_prefix, _by_number):
        for one in sorted(fields, key=lambda field: not field.is_required):
            if one.condition and (found := wanted(one)) is not None:
                return found
    return None


_STATEMENTS: Final = ("sql", "query", "statement")


def _by_statement(one: Parameter) -> tuple[str, list[str]] | None:
    if one.path not in _STATEMENTS or one.kind != "string" or "sql" not in f"{one.path} {one.description}".lower():
        return None
    return (
        f"Only one statement that begins with `SELECT` may pass in `{one.path}`. What it may read is for the database.",
        _condition(one, "regex", r'"(?is)^\\s*select\\b[^;]*$"', "One SELECT and nothing else"),
    )


def _by_values(one: Parameter) -> tuple[str, list[str]] | None:
    if len(one.values) < 2 or set(one.kind.split(" or ")) - {"string", "null"} or not one.is_required:
        return None
    return (
        f"Only the value of `{one.path}` that you name may pass. An example: put in those that you mean.",
        _condition(one, "in", f"[{scalar(one.values[0])}]", "This value is not for agents"),
    )


_TARGETS: Final = ("id", "name", "path", "url", "uri", "arn", "key", "bucket", "host", "endpoint", "table", "address")


def _by_prefix(one: Parameter) -> tuple[str, list[str]] | None:
    last = one.path.lower().rsplit(".", 1)[-1]
    if "string" not in one.kind.split(" or ") or one.values or not last.endswith(_TARGETS):
        return None
    said = "Agents work on what begins so, and on nothing else"
    if last.endswith("path"):
        lines = _condition(one, "starts_with", "/srv/shared/", said)
        lines += ["deny_if:", f'  - {{path: {scalar(one.condition)}, op: contains, value: "..", on_deny: No way up}}']
        return f"Only a `{one.path}` in that directory may pass. An example: put in yours.", lines
    start = '"https://docs.example.com/"' if last.endswith(("url", "uri")) else "dev-"
    what = f"Only a `{one.path}` that begins so may pass. An example: put in what yours begin with."
    return what, _condition(one, "starts_with", start, said)


def _by_number(one: Parameter) -> tuple[str, list[str]] | None:
    if not {"integer", "number"} & set(one.kind.split(" or ")):
        return None
    return (
        f"Only a `{one.path}` of at most 10 may pass. An example: put in your number.",
        _condition(one, "lte", "10", "That is more than agents may ask for"),
    )


def _condition(one: Parameter, op: str, value: str, said: str) -> list[str]:
    return ["require:", f"  - {{path: {scalar(one.condition)}, op: {op}, value: {value}, on_deny: {scalar(said)}}}"]
