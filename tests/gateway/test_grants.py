"""Who is let in: grants that are missing, wrong, dead or another server's, while the gateway runs."""

from __future__ import annotations

from tests.gateway.agent import JSON, call, request, words
from tests.gateway.place import ALLOW, Place, until

HOUR = 3600 * 10**9


def test_what_is_no_grant_gets_nowhere(place: Place) -> None:
    with place.serving() as gateway:
        token = place.token()
        agent = gateway.agent()
        changed = token[:-1] + ("a" if token[-1] != "a" else "b")
        for value in (
            None, "", "Bearer", "Bearer ", f"Basic {token}", token, f"Bearer {changed}", f"Bearer {token} {token}",
            "Bearer ost_x_y", f"Bearer {token[:20]}", "Bearer \xff", f"Bearer {token.upper()}",
        ):  # fmt: skip
            answer = agent.ask(call("read_note"), () if value is None else (("Authorization", value),))
            assert answer.status == 401, value
            assert answer.headers["www-authenticate"] == 'Bearer realm="ostiary"'
            assert "error" in answer.message
        bearer = ("Authorization", f"Bearer {token}")
        assert agent.ask(call("read_note"), (bearer, bearer)).status == 401
        assert agent.send("GET").status == 401
        assert agent.send("DELETE").status == 401
        assert agent.send("POST", b"x" * 100, (JSON,), path=f"/mcp/desk?access_token={token}").status == 401
        assert agent.send("GET", path="/healthz").status == 200
        assert not place.calls()
        assert words(agent.ask(call("read_note"), (("Authorization", f"bearer {token}"),)).message) == "read_note {}"
    assert token.split("_")[2] not in (place.state / "ostiary.db").read_bytes().decode("latin-1")
    assert token not in place.said


def test_a_grant_is_for_one_server(place: Place) -> None:
    policy = str(place.policy(ALLOW))
    servers = {name: {"command": place.desk, "policy": policy} for name in ("desk", "other")}
    with place.serving(servers) as gateway:
        token = place.token("desk")
        assert gateway.agent("desk", token).ask(call("read_note")).status == 200
        foreign = gateway.agent("other", token).ask(call("read_note"))
        assert (foreign.status, foreign.message["error"]["message"]) == (403, "this grant is for another server")
        assert gateway.agent("nobody", token).ask(call("read_note")).status == 403
    assert len(place.calls()) == 1


def test_an_open_gateway_closes_with_the_first_grant_and_stays_closed(place: Place) -> None:
    with place.serving() as gateway:
        assert gateway.agent().ask(call("read_note")).status == 200
        token = place.token()
        assert gateway.agent().ask(call("read_note")).status == 401
        assert gateway.agent(token=token).ask(call("read_note")).status == 200
        place.grants(lambda grants, now: grants.revoke("ann", now))
        assert gateway.agent().ask(call("read_note")).status == 401
        assert gateway.agent(token=token).ask(call("read_note")).status == 401
    assert len(place.calls()) == 2


def test_rotating_and_expiring_hold_for_the_next_request(place: Place) -> None:
    with place.serving() as gateway:
        old = place.token(name="ann")
        assert gateway.agent(token=old).ask(call("read_note")).status == 200
        new = place.grants(lambda grants, now: grants.rotate("ann", now)).token
        assert gateway.agent(token=old).ask(call("read_note")).status == 401
        assert gateway.agent(token=new).ask(call("read_note")).status == 200
        expired = place.grants(lambda grants, now: grants.create("desk", "old", None, now - 1, now - HOUR)).token
        assert gateway.agent(token=expired).ask(call("read_note")).status == 401
        ending = place.grants(lambda grants, now: grants.create("desk", "soon", None, now + HOUR, now)).token
        assert gateway.agent(token=ending).ask(call("read_note")).status == 200


def test_a_session_does_not_outlive_its_grant(place: Place) -> None:
    with place.serving() as gateway:
        agent = gateway.agent(token=place.token())
        session = agent.session()
        assert agent.post(call("read_note"), session).status == 200
        place.grants(lambda grants, now: grants.revoke("ann", now))
        assert agent.post(call("read_note"), session).status == 401
        assert agent.send("DELETE", lines=session).status == 401


def test_another_grants_session_does_not_exist(place: Place) -> None:
    with place.serving() as gateway:
        ann, bob = (gateway.agent(token=place.token(name=name)) for name in ("ann", "bob"))
        session = ann.session()
        reached = len(place.calls())
        for answer in (
            bob.post(call("read_note"), session),
            bob.send("GET", lines=session),
            bob.send("DELETE", lines=session),
        ):
            assert answer.status == 404
        assert len(place.calls()) == reached
        assert words(ann.post(call("read_note"), session).message) == "read_note {}"


def test_each_grant_has_its_own_policy_or_the_servers_or_none(place: Place) -> None:
    own = place.policy("version: 1\ndefault: allow\nhide: [read_note]\ntools: {wait: {action: deny}}\n", "own.yaml")
    bare = {"desk": {"command": place.desk}}
    with place.serving(bare) as gateway:
        token = place.token(name="own", policy=own)
        strict, nothing = gateway.agent(token=token), gateway.agent(token=place.token(name="bare"))
        names = [tool["name"] for tool in strict.ask(request("tools/list")).message["result"]["tools"]]
        assert names == ["delete_note"]
        assert words(strict.ask(call("read_note")).message) == "Unknown tool: read_note"
        assert words(nothing.ask(call("read_note")).message).startswith("Policy violation: no policy applies here")
        own.unlink()
        broken = gateway.agent(token=place.token(name="broken", policy=place.path / "never.yaml"))
        assert words(broken.ask(call("read_note")).message).startswith("Policy violation: no policy applies here")
    assert not place.calls("read_note")
    assert "never.yaml: cannot be read: No such file or directory" in place.said


def test_beyond_loopback_a_grant_comes_first(place: Place) -> None:
    file = place.configure({"desk": {"command": place.desk}}, listen="0.0.0.0:0")
    code, _, said = place.told("serve", "-c", str(file))
    assert code == 2
    assert "listens on 0.0.0.0, where others can reach it, but there are no grants; make one with" in said
    place.token()
    place.grants(lambda grants, now: grants.revoke("ann", now))
    process = place.start("serve", "-c", str(file))
    until(lambda: "http://0.0.0.0" in place.said or process.poll() is not None)
    assert process.poll() is None
    process.terminate()
    process.communicate()
