"""Text that tells the model to drop its instructions, or that poses as a message of the system."""

from __future__ import annotations

from typing import Final

from ostiary.risk.risk import Severity
from ostiary.risk.rules.finding import Rule
from ostiary.risk.rules.phrases import phrases

__all__ = ["RULE"]

_DROP: Final = r"(?:ignor(?:e|ing)|disregard|forget|overrid(?:e|es|ing)|bypass|discard|supersedes?|outranks?|cancel)"
_RULES: Final = (
    r"(?:instructions?|prompts?|rules?|guidelines?|directions?|policy|policies|restrictions?|safeguards?|commands?)"
)

_PATTERNS: Final = (
    r"[\"']role[\"'] ?: ?[\"'](?:system|assistant|developer)[\"'] ?, ?[\"']content",
    r"\bnotes? (?:to|for) (?:the )?(?:ai|assistant|model|agent)s?\b",
    r"\bto the (?:model|assistant|ai)(?: reading this)? ?:",
    r"(?:^|[.!?] )(?:assistant|agent|llm|ai|model|claude)s? ?: (?!\w+ (?:id|name))",
    r"\bdecode\b.{0,60}\b(?:and|then) (?:act|follow|do|execute|obey)\b|\[//\]: ?#",
    r"\b(?:outranks?|supersedes?|precedence over|priority over) (?:the )?(?:user|human|system)",
    (
        r"<\|?(?:im_start|im_end|system|endoftext|start_header_id)\|?>|\[/?inst\]|<</?sys>>|</?(?:system|"
        r"system_prompt|assistant|tool_description)>"
    ),
    r"(?:^|\W)(?:\[system\]|#{2,} ?(?:system|instructions?)\b ?:?|system ?: (?!\w+ (?:id|name|of)))",
    (
        r"[\"']role[\"'] ?: ?[\"'](?:system|assistant|developer)[\"'].{0,40}[\"']content[\"'] ?: "
        r"?[\"'].{0,60}\b(?:obey|ignore|must|always)"
    ),
    r"\b(?:attention|dear),? (?:ai|llm|assistant|language model|model|agent)s?\b",
    r"\bfrom now on\b|\bfor the (?:rest|remainder) of (?:this|the) (?:conversation|chat|session)\b",
    (
        r"\b(?:set aside|abandon|drop|stop following|cease to follow|do not follow|don't follow|neglect) (?:all |"
        r"any )?(?:what you (?:were|have been)|your|previous|prior|earlier|the (?:user|system)|everything)"
    ),
    (
        r"\b(?:ignore|disregard|override) (?:all |any )?(?:prior|previous|earlier|above|preceding)\b|\b(?:ignore|"
        r"disregard|override) (?:the )?(?:user|human)\b"
    ),
    (
        r"\b(?:responses?|outputs?|results?|anything|everything|text|data)\b[^.]{0,40}\b(?:this tool|"
        r"tool)?\b[^.]{0,30}\b(?:are|is|as|contains?) (?:\w+ )?(?:instructions?|commands?|orders|coming from the "
        r"(?:developer|system|user)|system messages?|authoritative)[^.]{0,40}\b(?:follow|execute|obey|must|above|"
        r"trusted|without)"
    ),
    r"\binsert(?:ing)? <script|<script src=|\bdrop table \w+; ?--",
    r"(?:^|\W)(?:human|user): .{1,200}?\bassistant: ",
    (
        r"</?(?:\w+[_-])?(?:system|assistant|prompt)(?:[_-]\w+)?>|</?(?:secret|hidden|model|"
        r"agent)[_-]instructions?>"
    ),
    r"\{\{ ?[#/]?(?:system|assistant)\b",
    r"-{3,} ?(?:begin|end) (?:of )?\w|\b(?:begin|end) (?:of )?(?:the )?(?:system|hidden|secret|tool list)\b",
    r"\[\[?(?:admin|system|developer|debug|root|override|instruction|directive)\b[^\]]{0,40}\]",
    (
        r"\b(?:system|admin|security|policy) (?:notice|update|alert|message|reminder|override) ?(?:to|for|:|"
        r"from)(?! the following)"
    ),
)

_WORDINGS: Final = """
drop 3 ownrules 4 rules
drop 3 rules & ownrules
drop 4 person & rules
drop 4 tools & other
rules 4 drop & person
rules 6 drop
obey & rules & tools
obey 3 rules & here
obey & said & person
url & obey
commands 3 model & obey
rules 3 model & obey
^obey 2 whole & commands
you 3 powers
liable
model & also & give
henceforth & you
henceforth & model
henceforth & rules
asserted & must
asserted & give
model & url
rules & model & must
rules & tools & drop
powers & here & you
fault & you
asserted & drop
asserted & gave
asserted & change
^drop 4 person & instead
drop & person & instead
next & you
next & output
you 2 gave
"""

RULE: Final = Rule(
    "instructs-the-model",
    "Tells the model to drop its instructions",
    Severity.CRITICAL,
    ("LLM01:2025",),
    ("MCP03:2025", "MCP06:2025"),
    phrases(_PATTERNS, _WORDINGS, "A definition describes a tool; this one gives the model orders over those it has."),
)
