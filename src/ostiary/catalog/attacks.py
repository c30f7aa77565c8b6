"""How access of a kind is abused: what was done with it, in public, and what stops it at the gate.

Every incident is one that somebody else wrote down, under the name that is given; where there is none, none is given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from ostiary.catalog.parameters import Parameter
from ostiary.risk import Assessed, RiskClass, Severity
from ostiary.risk.rules import shown

__all__ = ["ATTACKS", "Abuse", "Attack", "Incident", "attacks_on"]

_MOST: Final = 5
_READ, _WRITE, _EXECUTE = RiskClass.READ, RiskClass.WRITE, RiskClass.EXECUTE
_DESTRUCTIVE, _FINANCIAL = RiskClass.DESTRUCTIVE, RiskClass.FINANCIAL


class Incident(msgspec.Struct, frozen=True):
    """What happened: `name` is what to look for, `what` a sentence."""

    name: str
    what: str


class Attack(msgspec.Struct, frozen=True):
    """One way to abuse a tool. `how` and `control` are sentences; `owasp` are ids of the OWASP Top 10 for LLM
    Applications (2025), the OWASP MCP Top 10 (2025) and the OWASP Top 10 for Agentic Applications (2026)."""

    id: str
    title: str
    how: str
    control: str
    incidents: tuple[Incident, ...] = ()
    owasp: tuple[str, ...] = ()


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


_GITHUB: Final = Incident(
    "GitHub MCP server, Invariant Labs, May 2025",
    "An issue in a public repository had the agent that read it copy private repositories into a public pull request.",
)
_SUPABASE: Final = Incident(
    "Supabase MCP server, General Analysis, 2025 (a demonstration)",
    "A support ticket had the agent that read it copy the table of integration tokens into the ticket.",
)
_REPLIT: Final = Incident(
    "Replit and SaaStr, July 2025",
    "A coding agent deleted a production database during a code freeze that it had been told about.",
)

_INJECTED: Final = Attack(
    "injected-call",
    "A text that the agent reads makes the call",
    "An agent cannot tell its user's wishes from sentences in a ticket, a page, a file or a tool's result. Whoever can "
    "write where the agent reads can have it call this tool, with arguments of their choosing and the server's rights.",
    "Judge the call and not the intention: name what may be called, with which arguments and how often, and hold what "
    "is hard to undo for a person who sees the exact arguments.",
    (_GITHUB, _SUPABASE),
    ("LLM01:2025", "MCP06:2025", "ASI01"),
)
_POISON: Final = Attack(
    "poisoned-definition",
    "The definition itself gives orders",
    "A model reads a tool's description before it calls anything. Orders in it are followed even if the tool is never "
    "called, and they can be about other servers' tools.",
    "Keep the tool out of the list, so that no model reads it, and refuse its calls.",
    (
        Incident(
            "Tool poisoning, Invariant Labs, April 2025 (a demonstration)",
            "A harmless-looking tool's description had agents send private files and messages elsewhere.",
        ),
    ),
    ("LLM01:2025", "MCP03:2025", "ASI04"),
)
_DESTROYED: Final = Attack(
    "destruction",
    "The agent deletes what was meant to stay",
    "No attacker is needed: a misread name, a tidy-up, a retry against the wrong environment. What is gone is gone "
    "before anyone reads the conversation.",
    "Hide what is beyond repair; hold the rest for a person; let rules pass only names that may go.",
    (_REPLIT,),
    ("LLM06:2025", "MCP02:2025", "ASI02"),
)
_MONEY: Final = Attack(
    "wrong-amount",
    "Money goes to the wrong place, or too often",
    "An invoice, a message or a page names an account or an amount, and the agent believes it. A retry after a timeout "
    "pays twice.",
    "Hold it for a person, with a budget per day, amounts compared as decimals, and accounts that may be paid.",
    (),
    ("LLM06:2025", "ASI02"),
)
_CODE: Final = Attack(
    "code-execution",
    "Whatever is in the argument runs",
    "The argument is handed to an interpreter. An agent that was talked into one wrong call has given away everything "
    "that the server's process can reach: files, credentials in its environment, the network behind it.",
    "Hold it for a person, or allow exact commands only; run the server where there is nothing to take.",
    (
        Incident("CVE-2025-53967", "A design-file server passed an argument of a tool into a shell command."),
        Incident(
            "CVE-2026-42271", "LiteLLM endpoints that test an MCP server started whatever command they were given."
        ),
    ),
    ("LLM06:2025", "MCP05:2025", "ASI05"),
)
_SQL: Final = Attack(
    "free-statements",
    "The statement does more than it says",
    "A query is a program: a second statement, a function with side effects, or a table that was not meant. Rights to "
    "read are rights to read everything that the connection can.",
    "Give the server a user with few rights; require what a statement begins with, and limit how much comes back.",
    (
        Incident(
            "SQLite reference server, Trend Micro, June 2025",
            "Input went into SQL unescaped; what it planted in the database was read by agents as instructions later.",
        ),
        _SUPABASE,
    ),
    ("LLM06:2025", "MCP05:2025", "ASI02"),
)
_PATHS: Final = Attack(
    "path-escape",
    "The path leads out of the directory",
    "`..`, symbolic links and absolute paths reach files that nobody meant to share: keys, configurations, histories.",
    "Require what a path begins with and refuse `..`; a server's own check has failed before.",
    (
        Incident("CVE-2026-27735", "mcp-server-git before 2026.1.14 staged files from outside the repository."),
        Incident("GHSA-q66q-fx2p-7w4m", "The filesystem server followed symbolic links out of its directories."),
    ),
    ("MCP05:2025", "ASI02"),
)
_ADDRESSES: Final = Attack(
    "inside-addresses",
    "The address is one inside",
    "The server fetches on behalf of whoever names an address: services on the loopback, the cloud's metadata service, "
    "hosts that only answer inside.",
    "Require the scheme and the hosts that are meant, by their beginning; run the server where nothing inside answers.",
    (
        Incident("CVE-2026-42449", "n8n-mcp could be sent to inside addresses written as IPv4-mapped IPv6."),
        Incident("CVE-2026-69257", "The same in Flowise."),
    ),
    ("MCP05:2025", "ASI02"),
)
_SECRETS: Final = Attack(
    "secrets-in-sight",
    "Secrets pass through the model",
    "What a tool returns or takes stands in the conversation: in the model's context, in the client's logs, in the "
    "arguments of whatever is called next.",
    "Mask secrets in results (`redact`), keep arguments out of logs, and limit how often it may be asked.",
    (
        Incident("CVE-2026-42282", "n8n-mcp wrote tools' arguments, secrets among them, into its log."),
        _SUPABASE,
    ),
    ("LLM02:2025", "MCP01:2025", "ASI03"),
)
_POWER: Final = Attack(
    "more-rights",
    "The agent gives rights away",
    "One call that adds a user to a group, attaches a policy or makes a key outlives the conversation: from then on "
    "somebody else needs no agent at all.",
    "Hold it for a person; look into the argument (no wildcard in a policy, no administrators' group).",
    (),
    ("LLM06:2025", "MCP02:2025", "ASI03"),
)
_CONSENT: Final = Attack(
    "self-made-consent",
    "The model confirms its own call",
    "A `confirm` that the caller sets is no confirmation. A model that is told to go on, or told off once, sets it.",
    "Approval belongs outside the conversation: `require_approval` asks a person at the console, the terminal or by a "
    "signed link, about exactly these arguments.",
    (),
    ("LLM06:2025", "MCP02:2025", "ASI09"),
)
_MOVED: Final = Attack(
    "wrong-way",
    "Data goes to, or comes from, the wrong place",
    "Source and target are arguments. The call succeeds with the wrong ones: live data is overwritten, or flows to a "
    "host that somebody named in a text.",
    "Let a rule pass only the targets that are meant, hold the rest for a person, and limit how often it runs.",
    (),
    ("LLM06:2025", "MCP02:2025", "ASI02"),
)
_LEAK: Final = Attack(
    "read-then-send",
    "What it reads leaves by another tool",
    "Private data, a text from outside and any way to send are enough together. Each of the three tools is harmless by "
    "itself.",
    "Decide which agent has which of the three; after reading what others wrote, sending needs a person.",
    (_GITHUB, _SUPABASE),
    ("LLM01:2025", "LLM02:2025", "ASI01"),
)
_BROUGHT: Final = Attack(
    "orders-in-results",
    "What it returns is taken for orders",
    "The result stands in the model's context like everything else. A sentence in it can start the next call.",
    "Allow it, and hold what can do harm afterwards; limit what a result may be long.",
    (_GITHUB,),
    ("LLM01:2025", "MCP06:2025", "ASI01"),
)
_LOOPS: Final = Attack(
    "runaway",
    "A loop repeats it",
    "An agent that does not understand an error tries again, a hundred times. So does one that was told to.",
    "A limit in the gate holds whatever the agent believes, across restarts, and says when to come back.",
    (),
    ("LLM10:2025", "ASI08"),
)
_COSTS: Final = Attack(
    "spending",
    "It runs up a bill",
    "Every call costs, and nobody watches a loop at night.",
    "A limit by the hour and a cap by the day; what is dearest is held for a person.",
    (),
    ("LLM10:2025", "ASI08"),
)
_TYPES: Final = Attack(
    "two-readings",
    "A rule reads the argument one way, the server another",
    "A check that looks at a list is passed by a string that the server takes apart later.",
    "Say in the policy which form may pass (`arguments`), and refuse the other. A comparison of the wrong type denies.",
    (
        Incident(
            "CVE-2026-61427", "PraisonAI called tools with arguments that were never checked against their schema."
        ),
    ),
    ("MCP05:2025", "ASI02"),
)
_LISTED: Final = Attack(
    "called-unlisted",
    "A tool that is not listed is called all the same",
    "Keeping a tool out of the list keeps honest agents from it. A call by name still arrives, unless the call itself "
    "is refused.",
    "`hide` in Ostiary does both: out of the list, and answered like a tool that does not exist.",
    (Incident("CVE-2026-46519", "mcp-server-kubernetes enforced its restrictions in `tools/list` only."),),
    ("MCP02:2025", "ASI03"),
)
_REPLAY: Final = Attack(
    "approved-once",
    "One approval is used for another call",
    "A yes that is bound to a tool, but not to its arguments, is a yes to everything.",
    "An approval here is bound to caller, server, tool, exact arguments, definition and policy, and is used once.",
    (),
    ("MCP02:2025", "ASI09"),
)
_RUG: Final = Attack(
    "changed-later",
    "It becomes something else after you said yes",
    "A server can send another definition tomorrow, under the same name.",
    "Pin the definition: a tool that changed is held back until somebody has seen the difference. Pin the package's "
    "version as well; a definition says nothing of the code behind it.",
    (
        Incident("CVE-2025-54136", "Cursor kept trusting an MCP configuration after it had been changed."),
        Incident(
            "postmark-mcp, September 2025", "Fifteen honest versions; the next sent a copy of every mail elsewhere."
        ),
    ),
    ("LLM03:2025", "MCP03:2025", "MCP04:2025", "ASI04"),
)


def _always(_one: Assessed, _fields: Sequence[Parameter]) -> str:
    return "Every definition can change."


_CHECKS: Final[tuple[tuple[Attack, Check], ...]] = (
    (_POISON, _poisoned),
    (_CODE, _signalled("free-form:code", "free-form:command")),
    (_SQL, _signalled("free-form:sql", "free-form:query")),
    (_MONEY, _is(_FINANCIAL)),
    (_POWER, _empowers),
    (_MOVED, _moves_data),
    (_DESTROYED, _is(_DESTRUCTIVE)),
    (_CONSENT, _confirms),
    (_ADDRESSES, _signalled("free-form:url")),
    (_PATHS, _signalled("free-form:path")),
    (_INJECTED, _is(_WRITE, _EXECUTE, _DESTRUCTIVE, _FINANCIAL)),
    (_COSTS, _costs),
    (_SECRETS, _reads_secrets),
    (_LEAK, _reads_private),
    (_TYPES, _two_ways),
    (_LISTED, _hideable),
    (_REPLAY, _held),
    (_BROUGHT, _brings_in),
    (_LOOPS, _is(_WRITE, _EXECUTE)),
    (_RUG, _always),
)

ATTACKS: Final[tuple[Attack, ...]] = tuple(attack for attack, _ in _CHECKS)
