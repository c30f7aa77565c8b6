"""`ostiary explain`: how a call would be decided, by which rules, and why."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ostiary.cli.options import FILE, choice_of
from ostiary.errors import ConfigurationError

if TYPE_CHECKING:
    from ostiary.model import JSON, Call, Decision


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"


_MARKS: Final = {
    "allow": ("✓", "bold green"),
    "deny": ("✗", "bold red"),
    "hide": ("✗", "bold magenta"),
    "require_approval": ("…", "bold yellow"),
}
_BY_RULE: Final = {
    "allow": "allowed by {}",
    "deny": "denied by {}",
    "hide": "hidden by {}: answered like a tool that does not exist",
    "require_approval": "held by {} until a person approves",
}
_BY_DEFAULT: Final = {
    "allow": "allowed: no rule speaks against it",
    "deny": "denied: no rule permits it",
    "hide": "hidden, since no rule permits it: answered like a tool that does not exist",
    "require_approval": "held until a person approves, since no rule permits it",
}
_OUTCOMES: Final = {
    "permits": "green",
    "passes": "green",
    "reserves": "cyan",
    "holds": "yellow",
    "denies": "red",
    "hides": "magenta",
    "errs": "bold red",
    "skipped": "dim",
}


@click.command()
@click.option("--policy", "-p", required=True, metavar="FILE", help="The policy to judge by.")
@click.option(
    "--call",
    "-c",
    required=True,
    metavar="FILE",
    help="`{tool, arguments}`, or a list of them; `-` for standard input.",
)
@click.option("--tools", type=FILE, metavar="LIST.json", help="The server's tool list.")
@click.option("--principal", metavar="ID", default="local:you", show_default=True, help="Who asks, such as `grant:ci`.")
@click.option("--at", metavar="TIME", help="When, such as 2026-11-20T09:00:00Z.  [default: now]")
@choice_of(Format, Format.TEXT)
def explain(policy: str, call: str, tools: Path | None, principal: str, at: str | None, format: Format) -> None:
    """Say how a call would be decided, by which rules, and why.

    Several calls are decided in order.
    """
    from ostiary.cli.check import text_of, tools_in
    from ostiary.cli.rehearsal import Rehearsal
    from ostiary.policy import load
    from ostiary.policy.calls import parse_time, read_calls

    moment = time.time_ns() if at is None else parse_time(at)
    if moment is None:
        raise ConfigurationError(f"ostiary explain: cannot read the time `{at}`; write it as 2026-11-20T09:00:00Z")
    judging = load(*text_of(policy))
    listed = () if tools is None else tools_in(tools)
    text, name = text_of(call)
    calls = read_calls(text, name if name != "<stdin>" else "<stdin>.json", listed, principal, moment)
    rehearsal = Rehearsal(judging)
    decisions = [(one, rehearsal.decide(one)) for one in calls]
    if format is Format.JSON:
        from ostiary.cli.tables import show_json

        show_json([_plain(decision) for _, decision in decisions])
        return
    for one, decision in decisions:
        _show(one, decision)


def _plain(decision: Decision) -> dict[str, JSON]:
    rules: list[JSON] = []
    for outcome in decision.rules:
        told: dict[str, JSON] = {"id": outcome.id, "outcome": outcome.outcome, "why": outcome.why}
        rules.append({**told, "shadow": True} if outcome.shadow else told)
    document: dict[str, JSON] = {
        "decision": decision.effect.value,
        "rule": decision.rule,
        "reason": decision.reason,
        "rules": rules,
        "errors": list(decision.errors),
    }
    if decision.retry_after_ms is not None:
        document["retryAfterMs"] = decision.retry_after_ms
    if decision.would is not None:
        document["would"] = decision.would.value
    return document


def _show(call: Call, decision: Decision) -> None:
    from rich.text import Text

    from ostiary.cli.tables import console, visible

    out = console()
    effect = decision.effect.value
    mark, style = _MARKS[effect]
    keys = visible(", ".join(call.arguments))
    out.print(Text.assemble((f"{mark} ", style), (visible(call.tool.name), "bold"), (f"({keys})", "dim")))
    verdict = _BY_DEFAULT[effect] if decision.rule == "/default" else _BY_RULE[effect].format(visible(decision.rule))
    out.print(Text.assemble("  ", (verdict, style)), soft_wrap=True)
    if decision.reason:
        out.print(Text(f"  {visible(_told(decision))}"), soft_wrap=True)
    if decision.would is not None:
        out.print(Text(f"  with the blocks in shadow mode: {decision.would.value}", style="yellow"))
    width = max((len(outcome.id) for outcome in decision.rules), default=0)
    for outcome in decision.rules:
        word = (f"    {outcome.outcome:<9}", _OUTCOMES.get(outcome.outcome, ""))
        shadow = " (shadow)" if outcome.shadow else ""
        line = Text.assemble(word, f" {visible(outcome.id):<{width}}  ", (visible(outcome.why), "dim"), shadow)
        out.print(line, soft_wrap=True)
    out.print()


def _told(decision: Decision) -> str:
    wait = decision.retry_after_ms
    return decision.reason if wait is None else f"{decision.reason}; retry after {-(-wait // 1000)} s"
