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
    (
        rf"\b{_DROP} (?:\w+ ){{0,3}}?(?:previous|prior|above|earlier|preceding|your|all other|existing|safety|"
        rf"security|system|content|any) "
        rf"(?:\w+ ){{0,2}}?{_RULES}\b"
    ),
    (
        rf"\b{_DROP} (?:the |any |all )?(?:user|human|operator)(?:'s|s'|s)? (?:\w+ )?(?:request|wish|instruction|"
        rf"preference|intent|message|prompt)"
    ),
    r"\b(?:outranks?|supersedes?|precedence over|priority over) (?:the )?(?:user|human|system)",
    r"(?:^|\W)(?:system|admin(?:istrator)?|developer) (?:override|prompt override|directive)\b",
    (
        r"<\|?(?:im_start|im_end|system|endoftext|start_header_id)\|?>|\[/?inst\]|<</?sys>>|</?(?:system|"
        r"system_prompt|assistant|tool_description)>"
    ),
    r"(?:^|\W)(?:\[system\]|#{2,} ?(?:system|instructions?)\b ?:?|system ?: (?!\w+ (?:id|name|of)))",
    (
        r"[\"']role[\"'] ?: ?[\"'](?:system|assistant|developer)[\"'].{0,40}[\"']content[\"'] ?: "
        r"?[\"'].{0,60}\b(?:obey|ignore|must|always)"
    ),
    r"\byou are (?:now|an? unrestricted|no longer|in (?:developer|maintenance|debug|admin) mode)\b",
    (
        r"\b(?:your|the model's|the assistant's) (?:\w+ ){0,2}(?:instructions?|rules|policy|guidelines) (?:have|"
        r"has|is|are)(?: been)?(?: now)? (?:updated|changed|replaced|to approve)"
    ),
    r"\byour new (?:policy|instructions?|rules?|role|task|goal)\b",
    (
        r"\b(?:note|attention|message|dear|instructions?|important)[ :,]*(?:to|for)?[ :,]*(?:the )?(?:ai|llm|"
        r"assistant|language model|model|agent)s?\b ?[:,] ?(?:the following|ignore|you (?:must|have|are|should)|"
        r"always|this|obey|do not|never|before)"
    ),
    r"\b(?:attention|dear),? (?:ai|llm|assistant|language model|model|agent)s?\b",
    (
        r"\bi order the (?:model|assistant|ai)\b|\b(?:assistants?|models?|ai|llm) (?:must|are obliged to|is "
        r"obliged to|has to) (?:comply|obey)\b|\byou obey\b"
    ),
    (
        r"\bai (?:assistants?|models?|agents?) are (?:obliged|required|ordered)\b|\bjailbr(?:eak|oken)\b|\bdo "
        r"anything now\b"
    ),
    r"\bfrom now on\b|\bfor the (?:rest|remainder) of (?:this|the) (?:conversation|chat|session)\b",
    r"忽略.{0,6}(?:之前|以前|先前|上面|所有).{0,8}(?:指令|指示|提示|规则)|無視し|이전 (?:지시|명령).{0,6}무시",
    (
        r"\bignora(?:re)? (?:\w+ ){0,3}?(?:instrucciones|istruzioni)\b|\bignore[zr]? (?:\w+ "
        r"){0,3}?(?:instructions|instruções|as instru)"
    ),
    (
        r"\bignorier\w* (?:\w+ ){0,3}?(?:anweisungen|vorgaben|regeln)\b|(?:игнорируй|забудь)\w* (?:\w+ "
        r"){0,3}?(?:инструкци|указани|правил)"
    ),
    (
        r"\b(?:earlier|previous|prior|existing|former|original|initial) (?:directives?|instructions?|orders|"
        r"guidance|rules)[^.]{0,60}\b(?:no longer|do not|don't|not) (?:apply|hold|count|valid)"
    ),
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
    (
        r"\b(?:treat|regard|consider|interpret) (?:anything|everything|the (?:output|response|result|text)|"
        r"all)\b[^.]{0,60}\b(?:developer|system|instructions?|commands?|trusted|authoritative)\b"
    ),
    (
        r"\boutput may contain (?:commands|instructions)\b|\bfollow (?:them|it|these) without (?:question|"
        r"hesitation|asking)\b|\babove (?:the )?user(?:'s)? (?:instructions?|requests?|wishes)\b"
    ),
    (
        r"\b(?:pretend|act|behave) (?:that you are|as if you (?:are|were)|as|to be) (?:an? |the )?(?:\w+ "
        r")?(?:admin|administrator|root|superuser|developer|owner|unrestricted|system)\b"
    ),
    (
        r"\bdo not apply (?:\w+ ){0,2}(?:safety|security|policy|content)|\b(?:safety|security) (?:checks?|"
        r"filters?|rules?) (?:do not|don't|must not|should not) apply\b"
    ),
    (
        r"\b(?:system|hidden|secret|internal) (?:note|directive|message|instruction|order|prompt)s? (?:to|for) "
        r"(?:the )?(?:assistant|ai|llm|model|agent)|\b(?:begin|start|end) (?:hidden|secret|system) \w+|\bhidden "
        r"directive\b"
    ),
    (
        r"\b(?:assistant|llm|ai|model) (?:instructions?|directive|note|only) ?:|\binternal ?: ?(?:llm|ai|"
        r"assistant|model)\b|\b(?:llm|ai|assistant),? please\b|\bfor (?:the )?(?:llm|ai|assistant)s? only\b"
    ),
    (
        r"\b(?:the )?(?:assistant|llm|ai|language model)(?: that [^.]{1,40})? (?:must|shall|has to|needs to|"
        r"should|is (?:required|obliged|expected) to) (?:also |first |always |then |never |not )?(?:log|send|read|"
        r"call|pass|obtain|open|include|comply|obey|forward|provide|insert|grant|run|tell|mention)"
    ),
    (
        r"\bthe model (?:must|shall|has to|needs to|should) (?:also |first |always )?(?:send|read|open|obtain|"
        r"pass|call|comply|obey|forward|run)\b"
    ),
    r"\binsert(?:ing)? <script|<script src=|\bdrop table \w+; ?--",
)

RULE: Final = Rule(
    "instructs-the-model",
    "Tells the model to drop its instructions",
    Severity.CRITICAL,
    ("LLM01:2025",),
    ("MCP03:2025", "MCP06:2025"),
    phrases(_PATTERNS, "A definition describes a tool; this one gives the model orders over those it has."),
)
