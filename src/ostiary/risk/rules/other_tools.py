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
        rf"\b(?:before|prior to|after|whenever|with|upon) (?:\w+ ){{0,2}}?{_ANY} (?:other )?(?:tool|function)s?(?: "
        rf"call)?s?\b(?! (?:in this|of this|from this|below|that))"
    ),
    (
        r"\b(?:before|prior to) (?:any|all|every|each) (?:\w+ )?(?:operation|action|request|command|response|"
        r"reply|answer)s?\b[^.]{0,60}\b(?:must|always|call|need|required)"
    ),
    (
        rf"\b{_ANY} (?:other )?tools? (?:are|is|will be|of this kind)[^.]{{0,30}}\b(?:unsafe|malicious|deprecated|"
        rf"broken|disabled|insecure|untrusted|until|compromised)"
    ),
    (
        r"\b(?:tools?|servers?) (?:from|of|on|by) (?:all |any |every )?other (?:mcp )?servers?\b|\bfrom any "
        r"(?:other )?server\b"
    ),
    r"\b(?:never|do not|don't|must not) use (?:any |all |the )?other\b[^.]{0,30}\b(?:tools?|servers?)\b",
    (
        r"\b(?:this tool|it) (?:affects|changes|modifies|controls|governs|overrides|replaces) (?:how )?(?:the |"
        r"all |every )?(?:behaviou?r of )?(?:the )?\w* ?(?:other )?tools?\b"
    ),
    r"\b(?:usage|important|note)s?(?: note)?s? (?:for|on|about) (?:the )?(?:other tools|\w+_\w+ tool)\b",
    r"\b(?:regardless of|no matter|even if|irrespective of) (?:what )?the user(?:'s)?\b(?! (?:has|have|is|role|id))",
    (
        r"\b(?:(?:in response to|at the (?:start|beginning) of) (?:every|each)|(?:on|for|after|to) (?:every|each) "
        r"user) (?:user )?(?:message|conversation|chat|prompt|turn|reply|response)\b"
    ),
    (
        r"\bafter (?:each|every) (?:tool )?call\b[^.]{0,30}\b(?:need|must|have to|call)|\bon every call also\b|"
        r"\bon the second call\b"
    ),
    (
        r"\b(?:when|whenever|each time|every time|if) (?:the |an? )?(?:user|human) (?:says?|mentions?|asks for|"
        r"types?|writes?)\b[^.]{0,60}\b(?:call this tool|first (?:read|call|run)|transfer|send|with the whole)"
    ),
    r"\bwhen (?:the )?[\w ]{0,20}?\w+_\w+ (?:tool )?is (?:used|called|invoked|executed)\b",
    (
        r"\b(?:recipient|beneficiary|destination|address|wallet|account)s?\b[^.]{0,40}\binstead of (?:the "
        r")?(?:one |address |account |wallet )?(?:the )?(?:user|specified|given|provided|original)"
    ),
    (
        r"\b(?:change|replace|switch|redirect)(?: to)? (?:the )?(?:recipient|beneficiary|destination|"
        r"address)(?:es|s)?\b[^.]{0,20}(?: to|0x| with|\d)"
    ),
    r"\b(?:send|forward) (?:all|every|each) (?:e?mails?|messages?)\b|\b(?:add|bcc|cc) (?:guest |recipient )?\S+@\S+",
    (
        r"\bmust be sent to (?:wallet|account|address|\S+@)|\btransfer \d+ ?(?:%|percent)|\bshould use account\b|"
        r"\ba copy must also\b"
    ),
    (
        r"\bwhenever (?:an?|another) (?:other )?(?:tool|event|file|message|e?mail)\b[^.]{0,50}\b(?:add|read|call|"
        r"send|forward|copy)\b"
    ),
    r"\bhighest priority\b[^.]{0,40}\b(?:tool|server)|\b(?:tool|server)\b[^.]{0,30}\bhighest priority\b|\boutranks\b",
    (
        r"\b(?:always|must) (?:use|choose|prefer|call|select) this (?:tool|one|server)\b[^.]{0,50}\b(?:never use "
        r"(?:any )?other|ignore|regardless|no matter|even if|start of)"
    ),
    (
        r"\bignore (?:them|the description of|other tools|any other)\b|\b(?:ignore|disregard) (?:\w+ )?(?:other|"
        r"competing) (?:tools|servers)"
    ),
    (
        r"\broute (?:all )?(?:requests|calls|traffic) through this (?:tool|server)|\bbefore (?:answering|"
        r"responding|replying)[, ][^.]{0,40}\b(?:send|upload|call|post|forward|read)"
    ),
    (
        r"\b(?:whenever|when|if) another tool (?:returns|fails|is)\b|\bbefore doing what the user\b|\bsecurity "
        r"check\. before\b"
    ),
    r"\b(?:use this tool in its place|the \w+_\w+ tool is (?:deprecated|unsafe|broken|disabled))\b",
    (
        r"\b(?:do not|don't|never|must not|avoid) (?:use|call|invoke|trust|rely on) (?:\w+ ){0,3}?(?:other|"
        r"competing|alternative|different|similar|official)\b"
    ),
    (
        r"\bif (?:other|another|competing|similar) [^.]{0,30}\btools? (?:are|is|exists?)[^.]{0,30}\b(?:do not|"
        r"don't|never|ignore|avoid)"
    ),
    (
        r"\b(?:preferred|chosen|used|favou?red|prioriti[sz]ed) over (?:every|all|any|each) (?:\w+ )?(?:tool|"
        r"server|one|alternative)|\bin all situations\b"
    ),
    (
        r"\b(?:invoke|call|use|run) (?:me|this tool|this|it) (?:first )?before (?:everything|anything|all|any)\b|"
        r"\b(?:called|invoked|used|run) before (?:everything|anything|all other|any other)\b|\bbefore everything "
        r"else\b"
    ),
    (
        r"\b(?:mandatory|compulsory|obligatory|required|necessary) to (?:call|invoke|use|run) this "
        r"(?:tool)?[^.]{0,40}\b(?:prior|before|first|any|every)\b"
    ),
    (
        r"\b(?:must|have to|has to|need to|should) be (?:registered|mirrored|reported|logged|copied|sent|"
        r"forwarded|submitted) (?:with|to|through|via|in) this tool\b"
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

RULE: Final = Rule(
    "directs-other-tools",
    "Directs how other tools are used",
    Severity.HIGH,
    ("LLM01:2025",),
    ("MCP03:2025", "MCP06:2025"),
    phrases(_PATTERNS, "A definition may speak of its own tool; this one gives orders about others."),
)
