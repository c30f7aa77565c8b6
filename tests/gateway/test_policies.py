"""A policy that changes while the gateway runs: a good one counts at once, a broken one never."""

from __future__ import annotations

import pytest

from tests.gateway.agent import HttpAgent, call, words
from tests.gateway.place import ALLOW, Place, until

DENY = "version: 1\ntools: {read_note: {action: deny, reason: Not any more}}\n"


def is_denied(agent: HttpAgent) -> bool:
    return words(agent.ask(call("read_note")).message).startswith("Policy violation: Not any more")


def test_a_change_counts_for_the_next_call_and_a_broken_one_does_not(place: Place) -> None:
    with place.serving() as gateway:
        agent, file = gateway.agent(), place.path / "policy.yaml"
        assert not is_denied(agent)
        file.write_text(DENY)
        until(lambda: is_denied(agent))
        assert "policy.yaml: the new policy is in force" in place.said

        file.write_text("version: 1\ntools: {read_note: {acton: allow}}\n")
        until(lambda: "unknown key `acton`" in place.said)
        assert "the changed policy cannot be used, the one before stays in force" in place.said
        assert is_denied(agent)

        file.unlink()
        until(lambda: "cannot be read: No such file or directory" in place.said)
        assert is_denied(agent)

        place.policy(ALLOW, "new.yaml").replace(file)
        until(lambda: not is_denied(agent))
    assert len(place.records("policy.loaded")) == 3
    assert [len(body["errors"]) > 0 for body in place.records("policy.refused")] == [True, True]


def test_the_same_over_stdio(place: Place) -> None:
    with place.running() as agent:
        agent.greet()
        assert words(agent.ask(call("read_note"))) == "read_note {}"
        place.policy(DENY)
        until(lambda: "in force" in place.said)
        assert agent.hear()["method"] == "notifications/tools/list_changed"
        assert words(agent.ask(call("read_note"))) == "Policy violation: Not any more. Do not retry."


def test_a_grants_policy_is_followed_too(place: Place) -> None:
    own = place.policy(ALLOW, "own.yaml")
    with place.serving() as gateway:
        agent = gateway.agent(token=place.token(policy=own))
        assert not is_denied(agent)
        own.write_text(DENY)
        until(lambda: is_denied(agent))


@pytest.mark.parametrize("text", ["", "version: 1\ntools: {a: {}, a: {}}\n", "\x00"])
def test_an_unusable_policy_starts_nothing(place: Place, text: str) -> None:
    file = place.policy(text)
    serving = place.configure({"desk": {"command": place.desk, "policy": str(file)}}, listen="127.0.0.1:0")
    for arguments in (("serve", "-c", str(serving)), ("run", "--policy", str(file), "--", *place.desk)):
        code, out, said = place.told(*arguments)
        assert (code, out) == (2, "")
        assert said.startswith(f"{file}:")
        assert said.count("\n") == 1
    assert not place.calls()
