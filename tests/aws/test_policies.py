"""The example's policies say what they are for: their own tests pass, and no tool of the servers is forgotten."""

from __future__ import annotations

import pytest

from ostiary.demo.stand import ostiary
from ostiary.settings import load
from tests.aws.fleet import EXAMPLE, SERVERS
from tests.real.places import ROOT

POLICIES = sorted(path.name.removesuffix(".test.yaml") for path in (EXAMPLE / "policies").glob("*.test.yaml"))
LISTS = ROOT.parent / "shared" / "data" / "tools"
LIST_OF = {"agentcore": "amazon-bedrock-agentcore"}


def test_every_policy_has_tests() -> None:
    found = {path.stem for path in (EXAMPLE / "policies").glob("*.yaml") if not path.stem.endswith(".test")}
    assert set(POLICIES) == found == {*SERVERS, "observer", "ci"}


@pytest.mark.parametrize("name", POLICIES)
def test_its_tests_pass_and_reach_every_rule(name: str) -> None:
    done = ostiary("test", str(EXAMPLE / f"policies/{name}.test.yaml"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "never reached" not in done.stdout
    unproven = [line for line in done.stdout.splitlines() if "never refused" in line and "limit" not in line]
    assert unproven == []


@pytest.mark.parametrize("name", SERVERS)
def test_it_speaks_of_every_tool_of_its_server(name: str) -> None:
    listed = LISTS / f"{LIST_OF.get(name, name)}.json"
    if not listed.exists():
        pytest.skip(f"no {listed}: the servers' own lists are not part of the project")
    done = ostiary("check", str(EXAMPLE / f"policies/{name}.yaml"), "--tools", str(listed))
    assert (done.returncode, done.stderr) == (0, "")
    assert ": in order: " in done.stdout
    assert done.stdout.count("\n") == 1


def test_the_configuration_loads_as_it_is() -> None:
    environment = {"AWS_PROFILE": "agents", "AWS_REGION": "us-east-1", "VALKEY_HOST": "127.0.0.1"}
    settings = load(EXAMPLE / "ostiary.yaml", environment)
    assert set(settings.servers) == set(SERVERS)
    assert {name: server.policy for name, server in settings.servers.items()} == {
        name: EXAMPLE / f"policies/{name}.yaml" for name in SERVERS
    }
