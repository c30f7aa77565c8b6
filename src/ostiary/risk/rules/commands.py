"""Text that has the model run commands, or plant instructions that stay."""

from __future__ import annotations

from typing import Final

from ostiary.risk.risk import Severity
from ostiary.risk.rules.finding import Rule
from ostiary.risk.rules.phrases import phrases

__all__ = ["RULE"]

_PATTERNS: Final = (
    r"\b(?:curl|wget|iwr|invoke-webrequest)\b[^|\n]{1,80}\| ?(?:sudo )?(?:ba|z|da)?sh\b|\biex ?\(",
    r"\$\((?:curl|wget|cat|bash|sh) |`(?:curl|wget|rm) ",
    r"\b(?:run|execute|paste|type|issue)\b[^.]{0,40}\b(?:rm -rf|chmod 777|nc -e|mkfs|dd if=|base64 -d|authorized_keys)",
    (
        r"\bnc -e /bin|\bbash -i >|/dev/tcp/|\bchmod 777 /|\bto authorized_keys\b|\bdisable the (?:sandbox|"
        r"firewall|antivirus|policy|guard)"
    ),
    (
        r"\b(?:first|before)\b[^.]{0,50}\b(?:run|execute) (?:the following|this) (?:shell |terminal )?(?:command|"
        r"script|code)\b|\brun the following command in the terminal\b"
    ),
    (
        r"\b(?:add|write|save|append|store|insert|commit)\b[^.]{0,50}\b(?:to|in|into) (?:your (?:\w+ )?(?:memory|"
        r"rules|instructions|system prompt)|claude\.md|\.cursorrules|agents\.md|copilot-instructions)"
    ),
    r"\bremember permanently\b|\bso that they stay in effect\b",
    r"<!--.{0,200}?\b(?:assistant|call|send|post|read|ignore|model|execute|run)\b",
    r"(?:display ?: ?none|visibility ?: ?hidden|font-size ?: ?0|opacity ?: ?0)\b",
    r"\b(?:decode|decrypt|decipher) (?:and|then) (?:follow|execute|obey|run)\b",
    (
        r"<(?:important|hidden|admin|critical|attention|secret_instructions?)>.{0,300}?\b(?:read|send|must|before|"
        r"do not|pass|never)\b"
    ),
    (
        r"\breverse shell\b|\bopen port \d+|--no-verify\b[^.]{0,40}\b(?:all|every|always)|\b(?:turn off|disable) "
        r"(?:tls|ssl|certificate) (?:verification|validation|checks)\b[^.]{0,40}\b(?:and|in all|always|every)"
    ),
    (
        r"\b(?:update|edit|change|extend|write) your (?:guidelines|rules|instructions|memory|config)\b|\b(?:store|"
        r"save|keep|write|remember)\b[^.]{0,20}\bin (?:your )?memory that\b|\bpermanently store\b"
    ),
    (
        r"\bgit hook\b[^.]{0,40}\b(?:post|send|upload|curl)s?\b|\bset the registry to\b|\bkeylogger\b|\bcurl[ "
        r"_](?:-\w+ )?(?:https?|evil)|\btell[ _]user\b(?<=not[ _]tell[ _]user)"
    ),
)

RULE: Final = Rule(
    "plants-commands",
    "Has the model run commands or keep instructions",
    Severity.CRITICAL,
    ("LLM01:2025", "LLM06:2025"),
    ("MCP03:2025", "MCP05:2025"),
    phrases(_PATTERNS, "A definition says what a tool does; this one has something done besides, or hides an order."),
)
