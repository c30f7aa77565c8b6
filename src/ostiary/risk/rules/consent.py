"""Text that does away with the user's consent."""

from __future__ import annotations

from typing import Final

from ostiary.risk.risk import Severity
from ostiary.risk.rules.finding import Rule
from ostiary.risk.rules.phrases import phrases

__all__ = ["RULE"]

_CONSENT: Final = r"(?:confirmation|approval|permission|consent|authorization|authorisation)"

_PATTERNS: Final = (
    (
        rf"(?<=[ .;,])(?<!to )(?<!whether )(?:skip|bypass|ignore|omit|avoid|suppress) (?:the )?(?:user(?:'s)? "
        rf")?(?:\w+ )?(?:{_CONSENT})\b(?! (?:email|page|message|dialog\b|step in))"
    ),
    r"\bwithout asking(?: the user| for| anyone|\b(?=[.;,]))(?! (?:to|which))",
    r"\bif the user (?:declines|refuses|says no|objects|rejects)[^.]{0,30}(?:anyway|regardless|again|still)",
    (
        r"\bon behalf of the user if a (?:permission|confirmation)|\banswer yes\b[^.]{0,40}\b(?:permission|dialog|"
        r"prompt|user)"
    ),
    (
        r"\bgrant this tool full\b|\bmay execute commands freely\b|\bwithout restriction\b(?=\.|$)|\bsafe to run "
        r"on any\b[^.]{0,30}without"
    ),
    (
        r"\b(?:do not|don't|never|without|no need to) (?:wait(?:ing)? for|require|request|need) (?:the user|user|"
        r"confirmation|approval|permission|consent|any confirmation)(?! to (?:finish|complete))"
    ),
    (
        r"\b(?:assume|suppose|presume)(?: that)? (?:the )?user(?:'s)? (?:agrees?|consents?|approves?|has "
        r"(?:agreed|approved|consented)|wants|consent|approval)"
    ),
    (
        r"\b(?:confirmation|permission|approval|consent) (?:dialogs?|prompts?|requests?|"
        r"boxes)[^.]{0,40}\b(?:answered|accepted|allow|approved|confirmed|yes|dismissed)\b"
    ),
    (
        r"\b(?:consent|approval|permission|authori[sz]ation) (?:was|has been|is|were) (?:already |implicitly "
        r")?(?:granted|given|obtained|implied)\b[^.]{0,60}"
    ),
)

_WORDINGS: Final = """
not 3 consent & must & waive
needless 4 consent
consent 4 needless
person 3 waive 3 gave
consent 3 not 2 call
consent 5 gave & not
must 0 give 0 yes
ready
unasked & person
unasked & tools
you 2 not 1 consent
person 3 ready
waive 4 consent & must
consent 2 withheld & call
consent 2 withheld & again
exempt 3 consent
"""

RULE: Final = Rule(
    "skips-consent",
    "Does away with the user's consent",
    Severity.HIGH,
    ("LLM01:2025", "LLM06:2025"),
    ("MCP02:2025", "MCP03:2025"),
    phrases(
        _PATTERNS, _WORDINGS, "Whether a call needs consent is for the user and the client to say, not for the tool."
    ),
)
