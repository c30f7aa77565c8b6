"""Signed links and tickets: who may answer one approval, and until when, in words that only we can have written.

A link shows an approval; only a ticket, which stands in the page that was shown, lets an answer through.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Final
from urllib.parse import quote, urlencode

import msgspec

SECOND: Final = 10**9
TICKET_FOR: Final = 3600 * SECOND
"""Nanoseconds that a page may lie open before its buttons stop working."""


class Pass(msgspec.Struct, frozen=True, array_like=True):
    """What is signed: `kind` is `link` or `ticket`, `by` who answers with it, `until` Unix seconds."""

    kind: str
    approval: str
    by: str
    until: int


class Signer:
    """`key` is a secret of the installation."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def link(self, url: str, approval: str, to: str, until: int) -> str:
        """The address at which `to` sees the approval until then (nanoseconds)."""
        made = Pass("link", approval, to, until // SECOND)
        query = urlencode({"to": to, "until": made.until, "signature": self._sign(made)})
        return f"{url}/approvals/{quote(approval, safe='')}?{query}"

    def ticket(self, approval: str, by: str, now: int) -> dict[str, str]:
        """The hidden fields of a page that may answer."""
        made = Pass("ticket", approval, by, (now + TICKET_FOR) // SECOND)
        return {"by": by, "until": str(made.until), "ticket": self._sign(made)}

    def opens(self, kind: str, approval: str, by: str, until: str, signature: str, now: int) -> str | None:
        """None where the pass is ours and still good; else what is wrong with it."""
        if not (until.isascii() and until.isdigit() and len(until) <= 12):
            return "this link is not complete"
        if not hmac.compare_digest(signature.encode(), self._sign(Pass(kind, approval, by, int(until))).encode()):
            return "this link was not made here, or was changed"
        return "this link is over" if now >= int(until) * SECOND else None

    def _sign(self, made: Pass) -> str:
        digest = hmac.digest(self._key, msgspec.json.encode(made), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


LEEWAY: Final = 300
"""Seconds by which the clocks of two machines may differ."""


def sign_message(secret: str, id: str, seconds: int, body: bytes) -> str:
    """The `webhook-signature` of a message (Standard Webhooks 1.0, symmetric)."""
    signed = b"%b.%d.%b" % (id.encode(), seconds, body)
    digest = hmac.digest(_secret(secret), signed, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"


def check_message(secret: str, id: str, timestamp: str, signatures: str, body: bytes, now: int) -> str | None:
    """None for a message that whoever has the secret signed just now; else what is wrong with it."""
    if not id or len(id) > 256 or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return "it needs the headers webhook-id, webhook-timestamp and webhook-signature"
    expected = sign_message(secret, id, int(timestamp), body).encode()
    if not any(hmac.compare_digest(one.encode(), expected) for one in signatures.split(" ")[:8]):
        return "its signature is not right"
    return "it is too old, or from the future" if abs(now // SECOND - int(timestamp)) > LEEWAY else None


def _secret(text: str) -> bytes:
    """The key itself, or what comes in base64 after `whsec_`."""
    if text.startswith("whsec_"):
        try:
            return base64.b64decode(text.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            return text.encode()
    return text.encode()
