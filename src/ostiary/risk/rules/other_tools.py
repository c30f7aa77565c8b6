"""Text that directs what other tools do, or when this one must be called before them."""

from __future__ import annotations

from typing import Final

from ostiary.risk.risk import Severity
from ostiary.risk.rules.finding import Rule
from ostiary.risk.rules.phrases import phrases

__all__ = ["RULE"]

_ANY: Final = r"(?:any|all|every|each|another|other)"

_PATTERNS: Final = (
    (
        r"\b(?:(?:in response to|at the (?:start|beginning) of) (?:every|each)|(?:on|for|after|to) (?:every|each) "
        r"user) (?:user )?(?:message|conversation|chat|prompt|turn|reply|response)\b"
    ),
    (
        r"\bafter (?:each|every) (?:tool )?call\b[^.]{0,30}\b(?:need|must|have to|call)|\bon every call also\b|"
        r"\bon the second call\b"
    ),
    (
        r"\bmust be sent to (?:wallet|account|address|\S+@)|\btransfer \d+ ?(?:%|percent)|\bshould use account\b|"
        r"\ba copy must also\b"
    ),
    (
        r"\b(?:do not|don't|never|must not|avoid) (?:use|call|invoke|trust|rely on) (?:\w+ ){0,3}?(?:other|"
        r"competing|alternative|different|similar|official)\b"
    ),
    (
        r"\bif (?:other|another|competing|similar) [^.]{0,30}\btools? (?:are|is|exists?)[^.]{0,30}\b(?:do not|"
        r"don't|never|ignore|avoid)"
    ),
    (
        r"\b(?:invoke|call|use|run) (?:me|this tool|this|it) (?:first )?before (?:everything|anything|all|any)\b|"
        r"\b(?:called|invoked|used|run) before (?:everything|anything|all other|any other)\b|\bbefore everything "
        r"else\b"
    ),
    (
        r"\buse of [\w-]+ (?:from [\w-]+ )?is (?:prohibited|forbidden|not allowed|discouraged)\b|\bcall this "
        r"instead\b|\bused in another tool\b|\banother tool must be\b"
    ),
    (
        r"\bto each (?:query|command|message|email|file|request) that the user\b|\b(?:always|automatically) "
        r"(?:insert|append|add|inject|include) <|\bin all code you (?:write|generate)\b|\bwith each commit\b|\bin "
        r"all commands (?:that )?you\b"
    ),
    (
        r"\b(?:change|replace|set|swap|substitute) the (?:iban|bank (?:details|account)|payee|wallet|beneficiary|"
        r"account number|recipient|destination|registry)\b"
    ),
    (
        r"\bas soon as the (?:word|user|phrase)\b|\bin all (?:subsequent|future) (?:sessions|conversations|"
        r"requests|chats|turns)\b|\bstart by calling this tool\b|\b\w+_\w+ and hand the output to\b"
    ),
)

_WORDINGS: Final = """
payment & account
change & mail
change & payment & must
when & named & mail
when & said & ^change
other 2 tools & bad
not 1 call 1 other & tools
must 3 prefer 3 other
prefer & must & other
tools 6 drop & not
tools 3 bad & other
first 2 other 3 tools
call 4 first & other & tools
call 4 first 4 other
call 1 must 1 here
top & tools
^call & each & again
instead 3 other & tools
instead 3 other & call
call 2 here & whole & first
must & here & first & other
payment & mail
account & must
^give 4 named & account
call 1 only 2 here
must 3 call & everything
when 3 person 2 said & read
hidden 2 step
tools & bad & unless
not 2 trusted & other
elsewhere & here
presence & here
not 2 tell & other
prefer & here & other
change 6 url
toolabroad & other
toolabroad & prefer
payment & each & call
must 2 add & url
"""

RULE: Final = Rule(
    "directs-other-tools",
    "Directs how other tools are used",
    Severity.HIGH,
    ("LLM01:2025",),
    ("MCP03:2025", "MCP06:2025"),
    phrases(_PATTERNS, _WORDINGS, "A definition may speak of its own tool; this one gives orders about others."),
)
