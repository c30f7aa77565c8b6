"""What people are told of a question: as JSON for programs, as a Slack message, as mail."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any, Final

import msgspec

from ostiary.approvals import Case, as_json, as_lines, facts, headline

_MOST: Final = 2800
"""Characters of one Slack text block; it takes 3000."""


def as_event(case: Case, url: str, now: int) -> bytes:
    """The body of a webhook: everything, the arguments as the call has them."""
    return msgspec.json.encode({"type": "approval.asked", "url": url, "data": as_json(case, now)})


def as_slack(case: Case, url: str, now: int) -> bytes:
    """An incoming webhook's message: what is asked, and a button that leads to the page that asks again."""
    told = "\n".join(f"*{name}*: {_plain(value)}" for name, value in facts(case, now))
    lines = _plain("\n".join(as_lines(case.question.arguments)))
    shown = lines if len(lines) <= _MOST else f"{lines[:_MOST]}\n… cut here: the page has all of it"
    blocks: list[dict[str, Any]] = [
        _section(f"*{_plain(headline(case))}*"),
        _section(told[:_MOST]),
        _section(f"```{shown}```"),
        {
            "type": "actions",
            "elements": [{"type": "button", "url": url, "text": {"type": "plain_text", "text": "Look and answer"}}],
        },
    ]
    return msgspec.json.encode({"text": _plain(headline(case)), "blocks": blocks})


def as_mail(case: Case, url: str, now: int, sender: str, to: str, id: str) -> EmailMessage:
    """Plain text: nothing in a call can dress it up."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = f"Approval {case.id}: {headline(case)}"[:200]
    message["Message-ID"] = f"<{id}@ostiary.dev>"
    told = [f"{name}: {value}" for name, value in facts(case, now)]
    message.set_content("\n".join((*told, "arguments:", *as_lines(case.question.arguments), "", f"Answer: {url}", "")))
    return message


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _plain(text: str) -> str:
    """Text in which Slack finds no markup, mention or link; backticks would end a block of code."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("`", "\u02cb")
