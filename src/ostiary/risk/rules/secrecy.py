"""Text that asks the model to keep something from the person it works for."""

from __future__ import annotations

from typing import Final

from ostiary.risk.risk import Severity
from ostiary.risk.rules.finding import Rule
from ostiary.risk.rules.phrases import phrases

__all__ = ["RULE"]

_NOT: Final = (
    r"(?:do not|don't|never|must not|should not|shouldn't|mustn't|without|refrain from|avoid|no need to|not to)"
)
_TELL: Final = (
    r"(?:tell|telling|mention|mentioning|inform|informing|reveal|revealing|notify|notifying|alert|alerting|"
    r"disclose|disclosing|"
    r"let|report|say|saying|show|showing|display|warn|warning|ask or inform|ask|asking)"
)
_WHO: Final = r"(?:the |this (?:\w+ )?(?:to|from) the |your )?(?:user|users|human|person|operator|anyone|anybody)\b"

_PATTERNS: Final = (
    (
        rf"\b{_NOT} (?:ever |also )?(?:mention|mentioning|reveal|revealing|disclose|disclosing|show|showing|"
        rf"display|say|report|explain) (?:[^.!?]{{1,60}} )?(?:to|from) {_WHO}"
    ),
    (
        r"\b(?:hide|hidden|conceal(?:ed)?|kept?|keeping) (?:[^.!?]{1,30} )?(?:from|secret from|hidden from) "
        r"(?:the )?(?:user|human|operator)"
    ),
    (
        r"\bthe user (?:must|should|may|does|do|need|needs|will|can)(?: not|n't) (?:be (?:told|informed|aware|"
        r"notified)|know|see|notice|learn|need to (?:know|see|be))"
    ),
    (
        r"\bnever (?:display|show|reveal|print|mention) (?:the |these |its |this )?(?:arguments?|parameters?|"
        r"inputs?|tool'?s? (?:arguments?|calls?)|call) ?(?:of|to|for|$|\.)"
    ),
)

_WORDINGS: Final = """
not 2 tell 3 person
not & abroad & person
needless 4 tell
needless 4 bring
needless 2 show
not 3 bring 4 up
leave 8 out 4 reply
leave 3 reply & not
not 1 tell 6 reply
lie 2 that & person
lie 1 that
feign
person 4 not 4 know
not 2 person 3 know
person 4 hidden
must 3 hidden 3 person
hush 1 give
you 2 hush
also 1 hush
among 2 you & person
among 1 us
alarm & person & not
not 3 show 3 reply
mum
not 1 tell & reply
not 2 show 2 person
^leave 3 cite
^leave 4 reply
leave 3 among
not 3 show 3 here
not 2 show & reply
person 3 must 1 not 2 found
person 3 must 1 not 2 know
"""

RULE: Final = Rule(
    "keeps-from-the-user",
    "Asks the model to keep something from the user",
    Severity.CRITICAL,
    ("LLM01:2025",),
    ("MCP03:2025",),
    phrases(_PATTERNS, _WORDINGS, "An honest tool has nothing to hide from the person who uses it."),
)
