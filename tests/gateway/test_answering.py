"""Answers over HTTP: the interface, signed links and their page, webhooks out and back. A GET never answers."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from ostiary.asking.links import sign_message
from tests.gateway.agent import Answer, HttpAgent, call, words
from tests.gateway.approving import Person, approving, asked, decision, delete, kinds, rest, waiting
from tests.gateway.place import Gateway, Place, until

SECRET = "0123456789abcdef-of-ops"
FORM = ("Content-Type", "application/x-www-form-urlencoded")
JSON = ("Content-Type", "application/json")


class Inbox:
    """Somebody's webhook: refuses the first `fails` messages, keeps them all."""

    def __init__(self, fails: int = 0) -> None:
        self.taken: list[tuple[dict[str, str], bytes]] = []
        inbox = self

        class Taker(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                inbox.taken.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(500 if len(inbox.taken) <= fails else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Taker)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join(10)
        self.server.server_close()

    def event(self) -> Any:
        until(lambda: self.taken, "no message came")
        return json.loads(self.taken[-1][1])


@contextmanager
def inbox(fails: int = 0) -> Iterator[Inbox]:
    made = Inbox(fails)
    try:
        yield made
    finally:
        made.close()


def notify(inbox: Inbox, form: str = "json") -> dict[str, Any]:
    return {"notify": {"ops": {"webhook": inbox.url, "secret": SECRET, "format": form}}}


class Page(HTMLParser):
    """Hidden fields and text of a page."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.text = ""
        self.tags: list[str] = []
        self.feed(answer.body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        known = dict(attrs)
        if tag == "input" and known.get("type") == "hidden":
            self.fields[str(known["name"])] = str(known["value"])

    def handle_data(self, data: str) -> None:
        self.text += data


def api(gateway: Gateway, token: str | None, method: str, path: str, body: Any = None, **lines: str) -> Answer:
    agent = HttpAgent(gateway.port, token=token)
    data = b"" if body is None else json.dumps(body).encode()
    return agent.send(method, data, (JSON, *lines.items()), f"/api/v1/approvals{path}")


def test_an_operator_answers_over_http(place: Place) -> None:
    with approving(place, hold="20s") as gateway:
        agent, ann = gateway.agent(token=place.token()), Person(place)
        with waiting(agent, delete()) as response:
            id = asked(place)
            (listed,) = api(gateway, ann.token, "GET", "").message
            assert (listed["id"], listed["tool"], listed["arguments"]) == (id, "delete_note", {"n": 1})
            assert (listed["risk_class"], listed["asked_today"]) == ("destructive", 1)
            assert listed["why"]
            shown = api(gateway, ann.token, "GET", f"/{id}").message
            assert shown["state"] == "shown"
            body = {"note": "fine", "uses": 3, "for": 3600, "where": "args.n < 9"}
            granted = api(gateway, ann.token, "POST", f"/{id}/approve", body)
            assert (granted.status, granted.message["state"]) == (200, "granted")
            assert words(rest(response)) == 'delete_note {"n": 1}'
        assert api(gateway, ann.token, "POST", f"/{id}/revoke").message["state"] == "revoked"
        assert api(gateway, ann.token, "GET", "").message == []
        assert len(api(gateway, ann.token, "GET", "?state=all").message) == 1


def test_what_the_interface_does_not_take_is_said_once_and_clearly(place: Place) -> None:
    with approving(place) as gateway:
        token, ann = place.token(), Person(place)
        gateway.agent(token=token).ask(delete())
        id = asked(place)
        for wrong in (None, "osto_x_y", token):
            answer = api(gateway, wrong, "POST", f"/{id}/approve")
            assert answer.status == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
        for status, method, path, body in (
            (404, "GET", "/ap_0000", None),
            (404, "POST", "/ap_0000/approve", None),
            (404, "POST", f"/{id}/bless", None),
            (405, "DELETE", f"/{id}", None),
            (400, "POST", f"/{id}/approve", {"usse": 3}),
            (400, "POST", f"/{id}/approve", {"uses": 0}),
            (400, "POST", f"/{id}/approve", {"for": -1}),
            (409, "POST", f"/{id}/approve", {"spend": "5"}),
            (409, "POST", f"/{id}/approve", {"where": "args.n =="}),
        ):
            answer = api(gateway, ann.token, method, path, body)
            assert answer.status == status, (method, path, body, answer)
            assert list(answer.message) == ["error"]
        agent = HttpAgent(gateway.port, token=ann.token)
        path = f"/api/v1/approvals/{id}/approve"
        assert agent.send("POST", b"{}", (("Content-Type", "text/plain"),), path).status == 415
        assert agent.send("POST", b" " * 70_000, (JSON,), path).status == 413
    assert kinds(place) == ["asked"]
    assert place.calls("delete_note") == []


def test_a_signed_link_shows_the_call_and_asks_before_it_acts(place: Place) -> None:
    with inbox() as ops, approving(place, hold="20s", approvals=notify(ops)) as gateway:
        agent = gateway.agent(token=place.token())
        message = call("delete_note", {"note": "<script>alert(1)</script>\x1b[2J\u202e", "n": 1})
        with waiting(agent, message) as response:
            url = urlsplit(ops.event()["url"])
            place_of = f"{url.path}?{url.query}"
            browser = HttpAgent(gateway.port)
            seen = browser.send("GET", path=place_of)
            page = Page(seen)
            assert seen.status == 200
            assert "default-src 'none'" in seen.headers["content-security-policy"]
            assert "script" not in page.tags
            for part in ("delete_note", "desk", "<script>alert(1)</script>\\u001b[2J\\u202e", "Notes are for keeps"):
                assert part in page.text
            assert not {"\x1b", "\u202e"} & set(seen.body.decode())
            browser.send("GET", path=place_of)
            browser.send("HEAD", path=place_of)
            assert kinds(place) == ["asked", "shown"], "looking answers nothing"
            form = urlencode({**page.fields, "answer": "approve", "note": "fine"}).encode()
            own = ("Origin", f"http://127.0.0.1:{gateway.port}")
            done = browser.send("POST", form, (FORM, own), url.path)
            assert done.status == 200
            assert "delete_note" in words(rest(response))
            again = browser.send("POST", form, (FORM, own), url.path)
            assert again.status == 409
            assert "can no longer be answered" in Page(again).text
        (approved,) = place.records("approval.approved")
        assert (approved["by"], approved["via"], approved["note"]) == ("link:ops", "link", "fine")
    assert len(place.calls("delete_note")) == 1


def test_a_forged_or_foreign_link_answers_nothing(place: Place) -> None:
    with inbox() as ops, approving(place, approvals=notify(ops)) as gateway:
        agent = gateway.agent(token=place.token())
        agent.ask(delete())
        first = urlsplit(ops.event()["url"])
        id = asked(place)
        browser = HttpAgent(gateway.port)
        page = Page(browser.send("GET", path=f"{first.path}?{first.query}"))
        agent.ask(delete(2))
        other = asked(place, 2)
        for path in (
            f"/approvals/{other}?{first.query}",
            f"{first.path}?{first.query}x",
            f"{first.path}?{first.query.replace('ops', 'eve')}",
            f"{first.path}?{re.sub('until=[0-9]+', 'until=99999999999', first.query)}",
            f"{first.path}?{re.sub('until=[0-9]+', 'until=', first.query)}",
            f"{first.path}?to=x",
        ):
            answer = browser.send("GET", path=path)
            assert answer.status == 403, path
            assert "delete_note" not in answer.body.decode()
        for fields, lines, status in (
            ({**page.fields, "answer": "approve"}, (FORM, ("Origin", "https://evil.test")), 403),
            ({**page.fields, "answer": "approve"}, (FORM, ("Origin", "null")), 403),
            ({**page.fields, "answer": "approve"}, (FORM, ("Sec-Fetch-Site", "cross-site")), 403),
            ({**page.fields, "answer": "approve", "ticket": "x"}, (FORM,), 403),
            ({**page.fields, "answer": "approve", "by": "operator:ann"}, (FORM,), 403),
            ({"answer": "approve"}, (FORM,), 403),
            ({**page.fields}, (FORM,), 400),
            ({"token": "osto_x_y"}, (FORM,), 401),
        ):
            answer = browser.send("POST", urlencode(fields).encode(), lines, f"/approvals/{id}")
            assert answer.status == status, (fields, lines, answer)
        assert (
            browser.send(
                "POST", urlencode(page.fields | {"answer": "approve"}).encode(), (FORM,), f"/approvals/{other}"
            ).status
            == 403
        )
    assert not {"approved", "granted"} & set(kinds(place))


def test_a_page_without_a_link_asks_who_is_there(place: Place) -> None:
    with approving(place, hold="20s") as gateway:
        agent, ann = gateway.agent(token=place.token()), Person(place)
        with waiting(agent, delete()) as response:
            path = f"/approvals/{asked(place)}"
            browser = HttpAgent(gateway.port)
            entrance = browser.send("GET", path=path)
            assert "delete_note" not in entrance.body.decode()
            page = Page(browser.send("POST", urlencode({"token": ann.token}).encode(), (FORM,), path))
            assert "delete_note" in page.text
            assert ann.token not in page.text + str(page.fields)
            done = browser.send("POST", urlencode(page.fields | {"answer": "refuse"}).encode(), (FORM,), path)
            assert done.status == 200
            assert "operator:ann refused it" in words(rest(response))


def test_webhooks_are_signed_tried_again_and_the_same_at_every_try(place: Place) -> None:
    with inbox(fails=1) as ops, approving(place, approvals=notify(ops)) as gateway:
        gateway.agent(token=place.token()).ask(delete())
        until(lambda: len(ops.taken) == 2, "it was not tried again")
        ids = set()
        for lines, body in ops.taken:
            id, stamp = lines["webhook-id"], lines["webhook-timestamp"]
            assert lines["webhook-signature"] == sign_message(SECRET, id, int(stamp), body)
            ids.add(id)
        assert len(ids) == 1, "whoever gets it twice can tell"
        event = ops.event()
        assert event["type"] == "approval.asked"
        assert event["data"]["arguments"] == {"n": 1}
        until(lambda: place.records("notice.sent"), "that it arrived is not on record")
    assert len(ops.taken) == 2


def test_a_slack_message_is_ready_and_cannot_be_dressed_up(place: Place) -> None:
    with inbox() as ops, approving(place, approvals=notify(ops, "slack")) as gateway:
        arguments = {"note": "<!channel> <https://evil.test|ok> ``` *bold*"}
        gateway.agent(token=place.token()).ask(call("delete_note", arguments))
        message = ops.event()
        text = json.dumps(message, ensure_ascii=False)
        assert "<!channel>" not in text
        assert "&lt;!channel&gt;" in text
        assert text.count("```") == 2
        button = message["blocks"][-1]["elements"][0]
        assert button["url"].startswith(f"http://127.0.0.1:{gateway.port}/approvals/ap_")


def signed(body: Any, id: str = "m1", secret: str = SECRET, at: int | None = None) -> tuple[bytes, Any]:
    data = json.dumps(body).encode()
    stamp = int(time.time()) if at is None else at
    lines = (
        ("webhook-id", id),
        ("webhook-timestamp", str(stamp)),
        ("webhook-signature", f"v1a,x {sign_message(secret, id, stamp, data)}"),
    )
    return data, (JSON, *lines)


def test_a_target_answers_with_a_signed_message_once(place: Place) -> None:
    with inbox() as ops, approving(place, hold="20s", approvals=notify(ops)) as gateway:
        agent, path = gateway.agent(token=place.token()), "/api/v1/webhooks/ops"
        out = HttpAgent(gateway.port)
        with waiting(agent, delete()) as response:
            body = {"approval": asked(place), "answer": "approve", "by": "ann@example.com"}
            forged = [
                signed(body, secret="another secret entirely"),
                signed(body, at=int(time.time()) - 3600),
                (signed(body)[0] + b" ", signed(body)[1]),
                (signed(body)[0], (JSON,)),
            ]
            for data, lines in forged:
                assert out.send("POST", data, lines, path).status == 401
            data, lines = signed(body)
            assert out.send("POST", data, lines, "/api/v1/webhooks/eve").status == 401
            assert out.send("POST", *signed({**body, "answer": "maybe"}, "m0"), path).status == 400
            assert "approved" not in kinds(place)
            assert out.send("POST", data, lines, path).status == 200
            assert words(rest(response)) == 'delete_note {"n": 1}'
            replayed = out.send("POST", data, lines, path)
            assert (replayed.status, replayed.message) == (409, {"error": "this message was taken before"})
        (approved,) = place.records("approval.approved")
        assert approved["by"] == "webhook:ops/ann@example.com"


def test_answers_that_come_too_late(place: Place) -> None:
    from tests.gateway.approving import POLICY

    with approving(place, POLICY.replace("5m", "2s"), hold="20s") as gateway:
        agent, ann = gateway.agent(token=place.token()), Person(place)
        answer = agent.ask(delete()).message
        assert re.search(r"it expired unanswered \(approval ap_", words(answer))
        assert decision(answer)["retryable"] is False
        id = asked(place)
        assert api(gateway, ann.token, "POST", f"/{id}/approve").status == 409
    assert kinds(place) == ["asked", "expired"]
    assert place.calls("delete_note") == []


@pytest.mark.parametrize("path", ["/approvals/style.css"])
def test_the_style_is_served(place: Place, path: str) -> None:
    with approving(place) as gateway:
        answer = HttpAgent(gateway.port).send("GET", path=path)
        assert (answer.status, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
