"""Mail, links and signatures, without a gateway."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from ostiary.asking.links import SECOND, Signer, check_message, sign_message
from ostiary.asking.settings import ApprovalSettings, Form, Security, Smtp, Target
from ostiary.errors import ConfigurationError
from ostiary.notify.errands import MOST_TRIES, Messenger
from ostiary.settings import parse
from ostiary.stores.errands import SqliteErrands
from tests.approvals.samples import NOW, other
from tests.asking.questions import Office, office
from tests.notify.post_office import post_office

SIGNER = Signer(b"k" * 32)


def messenger(here: Office, targets: dict[str, Target], smtp: Smtp | None = None) -> Messenger:
    errands = SqliteErrands(here.database)
    return Messenger(errands, here.store, targets, smtp, SIGNER, "https://gate", here.clock, here.ledger)


def errands(here: Office) -> list[tuple[str, int]]:
    return here.database.read("SELECT target, tries FROM errand ORDER BY target").fetchall()


async def test_a_mail_tells_everything_in_plain_text(tmp_path: Path) -> None:
    with post_office() as (port, mails), office(tmp_path / "state") as here:
        smtp = Smtp("127.0.0.1", port, "ostiary@example.com", security=Security.NONE)
        told = messenger(here, {"ann": Target("ann", email="ann@example.com")}, smtp)
        case = await here.ask(other(tool="pay\r\nBcc: eve@evil.test"), '{"note":"<b>x</b>\\u202e"}')
        await told.send(case)
        await told.deliver()
        assert errands(here) == []
        message = email.message_from_bytes(mails[0], policy=email.policy.default)
    assert message["To"] == "ann@example.com"
    assert message["Bcc"] is None
    assert case.id in message["Subject"]
    text = message.get_content()
    assert "\\u202e" in text
    assert f"https://gate/approvals/{case.id}?to=link%3Aann" in text


async def test_what_does_not_arrive_is_tried_again_later_and_at_last_given_up(tmp_path: Path) -> None:
    with office(tmp_path / "state") as here:
        told = messenger(here, {"ops": Target("ops", "http://127.0.0.1:1/", "s" * 16)})
        case = await here.ask(timeout=10**15)
        await told.send(case)
        for tries in range(1, MOST_TRIES):
            await told.deliver()
            assert errands(here) == [("ops", tries)]
            await told.deliver()
            assert errands(here) == [("ops", tries)], "it waits before it tries again"
            here.clock.time += 601 * SECOND
        await told.deliver()
        assert errands(here) == []


async def test_nobody_is_told_of_what_is_over_and_only_those_whom_policy_names(tmp_path: Path) -> None:
    with office(tmp_path / "state") as here:
        names = ("ann", "bob")
        told = messenger(here, {name: Target(name, "http://127.0.0.1:1/", "s" * 16) for name in names})
        case = await here.ask(notify=("bob", "nobody"))
        await told.send(case)
        assert errands(here) == [("bob", 0)]
        await here.questions.revoke(case.id, "operator:ann", "cli")
        await told.deliver()
        assert errands(here) == []


def test_a_link_opens_one_approval_for_one_person_for_a_while() -> None:
    link = urlsplit(SIGNER.link("https://gate", "ap_1", "link:ann", NOW))
    said = dict(parse_qsl(link.query))
    given = (said["to"], said["until"], said["signature"])
    assert SIGNER.opens("link", "ap_1", *given, now=NOW - 1) is None
    assert SIGNER.opens("link", "ap_1", *given, now=NOW) == "this link is over"
    for kind, id, by, until, signature in (
        ("ticket", "ap_1", *given),
        ("link", "ap_2", *given),
        ("link", "ap_1", "link:eve", *given[1:]),
        ("link", "ap_1", said["to"], str(int(said["until"]) + 1), said["signature"]),
        ("link", "ap_1", said["to"], "1e9", said["signature"]),
        ("link", "ap_1", said["to"], "", "é"),
    ):
        assert SIGNER.opens(kind, id, by, until, signature, NOW - 1) is not None
    assert Signer(b"x" * 32).opens("link", "ap_1", *given, now=NOW - 1) is not None


def test_the_example_of_standard_webhooks() -> None:
    """Their specification's own: a `whsec_` secret is base64."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    signature = sign_message(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    now = 1614265330 * SECOND
    assert check_message(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", f"v2,x {signature}", body, now) is None


def test_settings() -> None:
    text = b"""
approvals:
  hold: 20s
  questions_per_hour: 5
  url: https://gate.example.com/
  notify:
    ops: {webhook: "https://hooks.example.com/x", secret: "${SECRET}", format: slack}
    ann: {email: ann@example.com}
  smtp: {host: mail, from: o@example.com, security: tls}
servers:
  desk: {command: [x], approvals: {hold: 5s}}
"""
    settings = parse(text, "f", Path("/"), {"SECRET": "s" * 16}).approvals
    assert settings == ApprovalSettings(
        20.0,
        5,
        "https://gate.example.com",
        {
            "ops": Target("ops", "https://hooks.example.com/x", "s" * 16, Form.SLACK),
            "ann": Target("ann", email="ann@example.com"),
        },
        Smtp("mail", 465, "o@example.com", security=Security.TLS),
        {"desk": 5.0},
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{hold: soon}", "f:1:19: cannot read the time `soon`"),
        ("{notify: {a: {}}}", "`a` needs either `webhook` or `email`"),
        ("{notify: {a: {webhook: 'https://x/', secret: short}}}", "a `secret` of at least 16 characters"),
        ("{notify: {a: {email: ann}}}", "`ann` is no e-mail address"),
        ("{notify: {a: {email: a@b}}}", "`a` gets mail, but there is no `smtp`"),
        ("{smtp: {host: x}}", "`from`"),
        ("{holds: 5s}", "did you mean `hold`?"),
    ],
)
def test_settings_that_cannot_be_meant(text: str, why: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse(f"approvals: {text}\nservers: {{desk: {{command: [x]}}}}\n".encode(), "f", Path("/"), {})
    assert why in str(refused.value)
