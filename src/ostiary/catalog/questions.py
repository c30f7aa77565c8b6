"""What people ask about a tool, with answers that stand alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from ostiary.catalog.advice import Advice
from ostiary.catalog.words import ADVICE, CLASSES, SEVERITIES, first_sentence
from ostiary.risk import Assessed
from ostiary.risk.rules import shown

__all__ = ["Question", "Server", "questions"]


class Question(msgspec.Struct, frozen=True):
    """A question and its answer, plain text."""

    question: str
    answer: str


class Server(msgspec.Struct, frozen=True):
    """Which server the answers are about: what it is called, its version and package, empty where unknown."""

    title: str
    version: str = ""
    package: str = ""
    publisher: str = ""


def questions(one: Assessed, server: Server, advice: Sequence[Advice]) -> tuple[Question, ...]:
    """Questions and answers about one tool."""
    name = shown(one.tool.name, 80) or "(no name)"
    return tuple(Question(question, answer) for question, answer in _asked(one, name, server, advice))


def _asked(one: Assessed, name: str, server: Server, advice: Sequence[Advice]) -> Iterator[tuple[str, str]]:
    said = first_sentence(one.tool.description)
    what = CLASSES[one.risk.risk_class][1]
    stop = "" if said.endswith((".", "!", "?", "…")) else "."
    does = f"Its own description begins: “{said}”{stop} " if said else "The server does not describe it. "
    yield f"What does {name} do?", f"{does}By its definition, it {what}."
    ways = {way.id: way for way in advice}
    yield (
        f"How do I enforce a policy on {name}?",
        _enforce(one, ways, name),
    )
    risk = one.risk
    judged = f"Class {risk.risk_class.value}, severity {risk.severity.value}, confidence {risk.confidence:.2f}."
    yield f"What is the risk level of {name}?", f"{judged} {SEVERITIES[risk.severity]}"
    yield (
        f"Can I rate-limit {name}?",
        "Yes. `rate_limit: {max: 10, window: 60}` admits ten calls in any interval of 60 seconds, for each agent; "
        "`10/minute` says the same. The eleventh is refused, told when to come back, and never reaches the server. The "
        " limit holds across reconnects and restarts, and it is back by itself."
        if ways
        else "Only by `all_tools`: no policy can name this tool exactly.",
    )
    yield (
        f"How do I block {name}?",
        "With `action: deny` and a `reason`: the call is refused, and the agent reads “Policy violation:” and why. "
        "With `hide`, it is not even listed. Under `default: deny`, leaving it out is enough."
        if ways
        else "Leave it to `default: deny`: no policy can name this tool exactly.",
    )
    yield f"Which server provides {name}?", _provider(server, name)


def _enforce(one: Assessed, ways: dict[str, Advice], name: str) -> str:
    if "recommended" not in ways:
        return (
            f"Put Ostiary in front of the server with `default: deny`: {name} has a name that no rule can select alone."
        )
    limit = f", at most {one.recommended.rate_limit.replace('/', ' a ')}" if one.recommended.rate_limit else ""
    it = "" if one.recommended.action == "require_approval" else " it"
    return (
        f"Put Ostiary in front of the server and name the tool in its policy. The recommendation is to "
        f"{ADVICE[one.recommended.action].replace('hold', 'hold it')}{it}{limit}: "
        f"{one.recommended.reason[:1].lower()}{one.recommended.reason[1:]}."
    )


def _provider(server: Server, name: str) -> str:
    version = f" {server.version}" if server.version else ""
    package = f", published as `{server.package}`" if server.package else ""
    publisher = f" by {server.publisher}" if server.publisher and package else ""
    return (
        f"{server.title}{version}{package}{publisher}. It listed {name} itself when it was scanned; another server's "
        "tool of the same name is another tool."
    )
