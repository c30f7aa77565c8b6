"""How access to tools is abused: what was done with it, in public, and what stops it at the gate.

Every incident is one that somebody else wrote down, under the name that is given; where there is none, none is given.
"""

from __future__ import annotations

from typing import Final

import msgspec


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

INJECTED: Final = Attack(
    "injected-call",
    "A text that the agent reads makes the call",
    "An agent cannot tell its user's wishes from sentences in a ticket, a page, a file or a tool's result. Whoever can "
    "write where the agent reads can have it call this tool, with arguments of their choosing and the server's rights.",
    "Judge the call and not the intention: name what may be called, with which arguments and how often, and hold what "
    "is hard to undo for a person who sees the exact arguments.",
    (_GITHUB, _SUPABASE),
    ("LLM01:2025", "MCP06:2025", "ASI01"),
)
POISON: Final = Attack(
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
DESTROYED: Final = Attack(
    "destruction",
    "The agent deletes what was meant to stay",
    "No attacker is needed: a misread name, a tidy-up, a retry against the wrong environment. What is gone is gone "
    "before anyone reads the conversation.",
    "Hide what is beyond repair; hold the rest for a person; let rules pass only names that may go.",
    (_REPLIT,),
    ("LLM06:2025", "MCP02:2025", "ASI02"),
)
MONEY: Final = Attack(
    "wrong-amount",
    "Money goes to the wrong place, or too often",
    "An invoice, a message or a page names an account or an amount, and the agent believes it. A retry after a timeout "
    "pays twice.",
    "Hold it for a person, with a budget per day, amounts compared as decimals, and accounts that may be paid.",
    (),
    ("LLM06:2025", "ASI02"),
)
CODE: Final = Attack(
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
SQL: Final = Attack(
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
PATHS: Final = Attack(
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
ADDRESSES: Final = Attack(
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
SECRETS: Final = Attack(
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
POWER: Final = Attack(
    "more-rights",
    "The agent gives rights away",
    "One call that adds a user to a group, attaches a policy or makes a key outlives the conversation: from then on "
    "somebody else needs no agent at all.",
    "Hold it for a person; look into the argument (no wildcard in a policy, no administrators' group).",
    (),
    ("LLM06:2025", "MCP02:2025", "ASI03"),
)
CONSENT: Final = Attack(
    "self-made-consent",
    "The model confirms its own call",
    "A `confirm` that the caller sets is no confirmation. A model that is told to go on, or told off once, sets it.",
    "Approval belongs outside the conversation: `require_approval` asks a person at the console, the terminal or by a "
    "signed link, about exactly these arguments.",
    (),
    ("LLM06:2025", "MCP02:2025", "ASI09"),
)
MOVED: Final = Attack(
    "wrong-way",
    "Data goes to, or comes from, the wrong place",
    "Source and target are arguments. The call succeeds with the wrong ones: live data is overwritten, or flows to a "
    "host that somebody named in a text.",
    "Let a rule pass only the targets that are meant, hold the rest for a person, and limit how often it runs.",
    (),
    ("LLM06:2025", "MCP02:2025", "ASI02"),
)
LEAK: Final = Attack(
    "read-then-send",
    "What it reads leaves by another tool",
    "Private data, a text from outside and any way to send are enough together. Each of the three tools is harmless by "
    "itself.",
    "Decide which agent has which of the three; after reading what others wrote, sending needs a person.",
    (_GITHUB, _SUPABASE),
    ("LLM01:2025", "LLM02:2025", "ASI01"),
)
BROUGHT: Final = Attack(
    "orders-in-results",
    "What it returns is taken for orders",
    "The result stands in the model's context like everything else. A sentence in it can start the next call.",
    "Allow it, and hold what can do harm afterwards; limit what a result may be long.",
    (_GITHUB,),
    ("LLM01:2025", "MCP06:2025", "ASI01"),
)
LOOPS: Final = Attack(
    "runaway",
    "A loop repeats it",
    "An agent that does not understand an error tries again, a hundred times. So does one that was told to.",
    "A limit in the gate holds whatever the agent believes, across restarts, and says when to come back.",
    (),
    ("LLM10:2025", "ASI08"),
)
COSTS: Final = Attack(
    "spending",
    "It runs up a bill",
    "Every call costs, and nobody watches a loop at night.",
    "A limit by the hour and a cap by the day; what is dearest is held for a person.",
    (),
    ("LLM10:2025", "ASI08"),
)
TYPES: Final = Attack(
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
LISTED: Final = Attack(
    "called-unlisted",
    "A tool that is not listed is called all the same",
    "Keeping a tool out of the list keeps honest agents from it. A call by name still arrives, unless the call itself "
    "is refused.",
    "`hide` in Ostiary does both: out of the list, and answered like a tool that does not exist.",
    (Incident("CVE-2026-46519", "mcp-server-kubernetes enforced its restrictions in `tools/list` only."),),
    ("MCP02:2025", "ASI03"),
)
REPLAY: Final = Attack(
    "approved-once",
    "One approval is used for another call",
    "A yes that is bound to a tool, but not to its arguments, is a yes to everything.",
    "An approval here is bound to caller, server, tool, exact arguments, definition and policy, and is used once.",
    (Incident("otaip, issue 130", "An approval that was given for one tool was accepted for another."),),
    ("MCP02:2025", "ASI09"),
)
RUG: Final = Attack(
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
