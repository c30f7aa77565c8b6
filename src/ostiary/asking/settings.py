"""The `approvals` of `ostiary.yaml`: how long calls are held, and how people hear that they are asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

import msgspec

from ostiary.policy.document import Node, Proofreader
from ostiary.policy.window import SECOND, read_duration

HOLD: Final = 50.0
"""Seconds that a call is held open: clients give up at 60."""

_KEYS: Final = ("hold", "questions_per_hour", "url", "notify", "smtp")
_SERVER_KEYS: Final = ("hold",)
_TARGET: Final = ("webhook", "secret", "format", "email")
_SMTP: Final = ("host", "port", "from", "user", "password", "security")


class Form(StrEnum):
    """What a webhook's body looks like."""

    JSON = "json"
    SLACK = "slack"


class Security(StrEnum):
    """How a mail server is spoken to."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class Target(msgspec.Struct, frozen=True):
    """Whom to tell: a `webhook` URL or an `email` address. `secret` signs what goes to the webhook, and what comes
    from it."""

    name: str
    webhook: str | None = None
    secret: str = ""
    form: Form = Form.JSON
    email: str | None = None


class Smtp(msgspec.Struct, frozen=True):
    """The server that takes mail."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    security: Security = Security.STARTTLS


class ApprovalSettings(msgspec.Struct, frozen=True):
    """`hold` is in seconds, `hold_of` has the servers' own; `url` is where people reach us, without a path."""

    hold: float = HOLD
    per_hour: int = 60
    url: str | None = None
    targets: Mapping[str, Target] = {}
    smtp: Smtp | None = None
    hold_of: Mapping[str, float] = {}


class ApprovalReader:
    """Reads both places. `text` gives a node's string with its `${…}` filled in, `link` one that is an http(s) URL."""

    def __init__(
        self, proof: Proofreader, text: Callable[[Node], str], link: Callable[[Node | None], str | None]
    ) -> None:
        self._proof = proof
        self._text = text
        self._link = link

    def read(self, node: Node | None, hold_of: Mapping[str, float]) -> ApprovalSettings:
        if node is None:
            return ApprovalSettings(hold_of=hold_of)
        fields = self._proof.fields(node, _KEYS, expected="how approvals are handled")
        smtp = self._smtp(fields["smtp"]) if "smtp" in fields else None
        targets = self._targets(fields.get("notify"))
        for name, target in targets.items():
            if target.email is not None and smtp is None and "notify" in fields:
                self._proof.refuse(
                    fields["notify"], f"`{name}` gets mail, but there is no `smtp`", "add approvals.smtp"
                )
        per_hour = fields.get("questions_per_hour")
        url = self._link(fields.get("url"))
        return ApprovalSettings(
            hold=self._hold(fields.get("hold")) or HOLD,
            per_hour=60 if per_hour is None else self._proof.whole(per_hour, minimum=1) or 60,
            url=None if url is None else url.rstrip("/"),
            targets=targets,
            smtp=smtp,
            hold_of=hold_of,
        )

    def hold_of(self, node: Node | None) -> float | None:
        """The `hold` of one server's `approvals`."""
        if node is None:
            return None
        fields = self._proof.fields(node, _SERVER_KEYS, expected="what differs for this server")
        return self._hold(fields.get("hold"))

    def _hold(self, node: Node | None) -> float | None:
        span = None if node is None else read_duration(node, self._proof)
        return None if span is None else span / SECOND

    def _targets(self, node: Node | None) -> Mapping[str, Target]:
        members = {} if node is None else self._proof.mapping(node, "names, each with a `webhook` or an `email`") or {}
        return {name: self._target(name, member) for name, member in members.items()}

    def _target(self, name: str, node: Node) -> Target:
        fields = self._proof.fields(node, _TARGET, expected="a `webhook` or an `email`")
        if isinstance(node.value, dict) and ("webhook" in fields) == ("email" in fields):
            self._proof.refuse(node, f"`{name}` needs either `webhook` or `email`")
        secret = self._text(fields["secret"]) if "secret" in fields else ""
        if "webhook" in fields and len(secret) < 16:
            self._proof.refuse(
                node, f"`{name}` needs a `secret` of at least 16 characters", "for example ${OPS_SECRET}"
            )
        form = self._proof.choice(fields["format"], list(Form), "format") if "format" in fields else None
        email = self._text(fields["email"]) if "email" in fields else None
        if email is not None and ("@" not in email or not email.isprintable() or " " in email):
            self._proof.refuse(fields["email"], f"`{email}` is no e-mail address")
        webhook = self._link(fields.get("webhook"))
        return Target(name, webhook, secret, Form(form) if form else Form.JSON, email)

    def _smtp(self, node: Node) -> Smtp | None:
        fields = self._proof.fields(node, _SMTP, required=("host", "from"))
        if "host" not in fields or "from" not in fields:
            return None
        word = self._proof.choice(fields["security"], list(Security), "security") if "security" in fields else None
        security = Security(word) if word else Security.STARTTLS
        usual = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}[security]
        port = self._proof.whole(fields["port"], minimum=1) if "port" in fields else None
        return Smtp(
            self._text(fields["host"]),
            port or usual,
            self._text(fields["from"]),
            self._text(fields["user"]) if "user" in fields else "",
            self._text(fields["password"]) if "password" in fields else "",
            security,
        )
