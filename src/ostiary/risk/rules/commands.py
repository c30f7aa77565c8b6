"""Text that has the model run commands, or plant instructions that stay."""

from __future__ import annotations

from typing import Final

from ostiary.risk.risk import Severity
from ostiary.risk.rules.finding import Rule
from ostiary.risk.rules.phrases import phrases

__all__ = ["RULE"]

_PATTERNS: Final = (
    r"\b(?:curl|wget|iwr|invoke-webrequest)\b[^|\n]{1,80}\| ?(?:sudo )?(?:ba|z|da)?sh\b|\biex ?\(",
    r"\b(?:run|execute|paste|type|issue)\b[^.]{0,40}\b(?:rm -rf|chmod 777|nc -e|mkfs|dd if=|base64 -d|authorized_keys)",
    (
        r"\bnc -e /bin|\bbash -i >|/dev/tcp/|\bchmod 777 /|\bto authorized_keys\b|\bdisable the (?:sandbox|"
        r"firewall|antivirus|policy|guard)"
    ),
    (
        r"\b(?:add|write|save|append|store|insert|commit)\b[^.]{0,50}\b(?:to|in|into) (?:your (?:\w+ )?(?:memory|"
        r"rules|instructions|system prompt)|claude\.md|\.cursorrules|agents\.md|copilot-instructions)"
    ),
    r"<!--.{0,200}?\b(?:assistant|call|send|post|read|ignore|model|execute|run)\b",
    r"(?:display ?: ?none|visibility ?: ?hidden|font-size ?: ?0|opacity ?: ?0)\b",
    (
        r"<(?:important|hidden|admin|critical|attention|secret_instructions?)>.{0,300}?\b(?:read|send|must|before|"
        r"do not|pass|never)\b"
    ),
    (
        r"\b(?:update|edit|change|extend|write) your (?:guidelines|rules|instructions|memory|config)\b|\b(?:store|"
        r"save|keep|write|remember)\b[^.]{0,20}\bin (?:your )?memory that\b|\bpermanently store\b"
    ),
    (
        r">> ?\S*(?:authorized_keys|\.\w*rc\b|profile\b)|\bcrontab\b.{0,40}\b(?:alive|keep|every|add)|"
        r"\badd\b.{0,40}\bcrontab\b"
    ),
    r"\bnc (?:-\w+ ){1,3}\S{0,20} ?(?:-e )?/bin/|\bnc -\w+ \d+",
    (
        r"\bchmod (?:-r )?777\b|\benv ?\| ?base64|[;&|] ?(?:cat|curl|wget|rm) [-/~$]|"
        r"\bpowershell -e\w* [a-z0-9+/=]{16}"
    ),
    (
        r"<details[^>]{0,20}hidden|169\.254\.169\.254|metadata\.google\.internal|\bdownload and (?:start|"
        r"run|execute|launch)\b"
    ),
    r"\bbefore (?:first |any |the first )?us(?:e|ing)\b[^.]{0,30}\b(?:run|execute|install)\b",
)

_WORDINGS: Final = """
memory 3 lasting
slant & state
^grantpower 4 powers
powers 3 off & you
memory 4 rules & here
outside 2 sandbox
background & start
give 6 powers & needed
must & grantpower & powers
might
"""

RULE: Final = Rule(
    "plants-commands",
    "Has the model run commands or keep instructions",
    Severity.CRITICAL,
    ("LLM01:2025", "LLM06:2025"),
    ("MCP03:2025", "MCP05:2025"),
    phrases(
        _PATTERNS,
        _WORDINGS,
        "A definition says what a tool does; this one has something done besides, or hides an order.",
    ),
)
