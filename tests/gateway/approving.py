"""A place where one tool is held for a person, and the person."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPResponse
from typing import Any

from ostiary.ledger.chain import Link
from ostiary.stores.database import Database
from ostiary.stores.operators import SqliteOperators
from ostiary.stores.reading import read_ledger
from tests.gateway.agent import Answer, HttpAgent, Lines, call, describing, modern
from tests.gateway.place import Gateway, Place, until

POLICY = """version: 1
default: deny
tools:
  read_note: {}
  delete_note:
    action: require_approval
    reason: Notes are for keeps
    approval: {timeout: 5m}
"""
ID = re.compile(r"ap_[0-9a-f]{16}")


class Person:
    """Somebody who answers at the command line, with an operator's token."""

    def __init__(self, place: Place, name: str = "ann") -> None:
        self.place = place
        self.name = name
        database = Database(place.state, wait=5)
        with database.transaction():
            self.token = SqliteOperators(database).create(name, None, time.time_ns()).token
        database.close()

    def says(self, word: str, id: str, *more: str) -> tuple[int, str, str]:
        state = ("--state", str(self.place.state), "--token", self.token)
        return self.place.told("approvals", word, id, *more, *state)

    def approves(self, id: str, *more: str) -> None:
        code, _, error = self.says("approve", id, *more)
        assert code == 0, error

    def refuses(self, id: str, *more: str) -> None:
        code, _, error = self.says("refuse", id, *more)
        assert code == 0, error


@contextmanager
def approving(place: Place, policy: str = POLICY, hold: str = "1s", **more: Any) -> Iterator[Gateway]:
    """A gateway that holds `delete_note` for that long."""
    approvals = {"hold": hold, **more.pop("approvals", {})}
    servers = {"desk": {"command": place.desk, "policy": str(place.policy(policy))}}
    with place.serving(servers, approvals=approvals, **more) as gateway:
        yield gateway


def questions(place: Place) -> list[str]:
    """The ids of all questions so far, from the ledger."""
    return [body["approval"] for body in place.records("approval.asked")]


def kinds(place: Place) -> list[str]:
    """What happened to approvals, in order."""
    links = [link for link in read_ledger(place.state / "ostiary.db") if isinstance(link, Link)]
    return [link.kind.removeprefix("approval.") for link in links if link.kind.startswith("approval.")]


def asked(place: Place, count: int = 1) -> str:
    """The newest question, once there are as many."""
    until(lambda: (place.state / "ostiary.db").exists() and len(questions(place)) >= count, "nobody was asked")
    return questions(place)[-1]


@contextmanager
def waiting(agent: HttpAgent, message: Mapping[str, Any], session: Lines | None = None) -> Iterator[HTTPResponse]:
    """The open answer to a call that is being held."""
    import json

    body = message if session is not None else modern(dict(message))
    lines = session if session is not None else describing(dict(message))
    data = json.dumps(body).encode()
    with agent.opened("POST", data, (("Content-Type", "application/json"), *lines)) as response:
        assert response.status == 200
        yield response


def rest(response: HTTPResponse) -> Any:
    """The last message of an open answer."""
    return Answer(response.status, response.getheaders(), response.read()).message


def delete(n: int = 1, id: Any = 1) -> dict[str, Any]:
    return call("delete_note", {"n": n}, id)


def decision(answer: Any) -> Any:
    return answer["result"]["_meta"]["dev.ostiary/decision"]
