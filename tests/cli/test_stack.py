"""`ostiary stack` on a machine with several clients."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.cli.machine import Machine, lister, machine

__all__ = ["machine"]

TOKEN = "ghp_" + "x" * 36
TELLS = "import os, sys; sys.exit('no account for ' + os.environ['TOKEN'])"


def test_nothing_is_configured(machine: Machine) -> None:
    told = machine.run("stack")
    assert (told.code, told.out) == (0, "No MCP servers in the configurations of the clients that Ostiary knows.\n")


def test_every_server_with_what_it_can_do(machine: Machine) -> None:
    machine.write(
        ".claude.json", {"mcpServers": {"pages": lister("paged")}, "projects": {"/srv": {"mcpServers": {"b": {}}}}}
    )
    machine.write(".codex/config.toml", '[mcp_servers.gone]\ncommand = "/no/such/program"\n')
    told = machine.run("stack", "--format", "json")
    assert told.code == 0
    pages, b, gone = told.document["servers"]
    assert (pages["client"], pages["name"], pages["state"]) == ("claude-code", "pages", "open")
    assert (pages["tools"], pages["grade"]) == ({"read": 2, "destructive": 1}, "A")
    assert pages["next"] == "`ostiary init`"
    assert (b["state"], b["path"]) == ("not a server", ["projects", "/srv", "mcpServers", "b"])
    assert gone["tools"] is None
    assert "/no/such/program" in gone["error"]
    assert "starting" in told.err


def test_a_server_gets_the_variables_of_its_entry_and_no_other(machine: Machine, tmp_path: Path) -> None:
    trace = tmp_path / "environment.json"
    write = "import json, os, sys; open(sys.argv[1], 'w').write(json.dumps([os.getcwd(), dict(os.environ)]))"
    entry = {"command": sys.executable, "args": ["-c", write, str(trace)], "env": {"MINE": "${env:GIVEN}", "ONE": "1"}}
    machine.write(".cursor/mcp.json", {"mcpServers": {"env": entry}})
    machine.run("stack", env={"GIVEN": "value", "OTHER": "hidden"}, cwd=tmp_path)
    cwd, environ = json.loads(trace.read_text())
    assert cwd == str(machine.home)
    assert (environ.pop("MINE"), environ.pop("ONE")) == ("value", "1")
    assert environ.pop("HOME") != str(machine.home)
    assert environ.keys() <= {"PATH", "TMPDIR", "XDG_CACHE_HOME", "LC_CTYPE", "LANG"}


def test_what_only_the_client_knows_is_not_guessed(machine: Machine) -> None:
    machine.write(".cursor/mcp.json", {"mcpServers": {"env": lister(env={"A": "${input:a}"})}})
    (asked,) = machine.run("stack", "--format", "json").document["servers"]
    assert asked["error"] == "only its client can start it: `${input:a}` is not set here"


def test_secrets_are_named_and_never_shown(machine: Machine) -> None:
    servers = {
        "a": {"command": sys.executable, "args": ["-c", TELLS], "env": {"TOKEN": TOKEN}},
        "b": {"url": f"http://127.0.0.1:9/mcp?key={TOKEN}", "headers": {"Authorization": f"Bearer {TOKEN}"}},
        "c": {"command": "uvx", "args": ["tool", "--token", TOKEN], "disabled": True},
    }
    machine.write(".claude.json", {"mcpServers": servers})
    for arguments in ([], ["--format", "json"]):
        told = machine.run("stack", *arguments)
        assert told.code == 1
        assert TOKEN not in told.out + told.err
        assert "no account for …" in told.out
    found = machine.run("stack", "--no-start", "--format", "json").document["servers"]
    assert [one["secrets"] for one in found] == [["env.TOKEN"], ["headers.Authorization", "the URL"], ["the arguments"]]
    assert [one["unpinned"] for one in found] == [None, None, "tool"]


def test_tools_of_the_same_name_in_one_client_are_said(machine: Machine) -> None:
    machine.write(".cursor/mcp.json", {"mcpServers": {"a": lister("one"), "b": lister("paged"), "a2": lister("one")}})
    machine.write(".claude.json", {"mcpServers": {"c": lister("chatter")}})
    told = machine.run("stack", "--format", "json")
    assert told.code == 1
    shadowed = {one["name"]: [each["server"] for each in one["shadowed"]] for one in told.document["servers"]}
    assert shadowed == {"c": [], "a": ["b"], "b": ["a"], "a2": ["b"]}


def test_offline_nothing_is_started(machine: Machine, tmp_path: Path) -> None:
    trace = tmp_path / "started"
    machine.write(".cursor/mcp.json", {"mcpServers": {"a": {"command": "touch", "args": [str(trace)]}}})
    told = machine.run("stack", "--offline")
    assert told.code == 0
    assert told.err == ""
    assert not trace.exists()
    assert "not asked  touch" in told.out


def test_a_name_that_no_server_has_is_said(machine: Machine) -> None:
    machine.write(".cursor/mcp.json", {"mcpServers": {"pages": {"command": "pages"}}})
    told = machine.run("stack", "--offline", "--server", "nosuch")
    assert told.code == 2
    assert told.err == "--server nosuch: no client has a server of that name; there are pages\n"


def test_what_a_folder_brings_along_is_started_only_if_it_is_named(machine: Machine, tmp_path: Path) -> None:
    project, trace = tmp_path / "project", tmp_path / "started"
    project.mkdir()
    entry = {"command": "touch", "args": [str(trace)]}
    (project / ".mcp.json").write_text(json.dumps({"mcpServers": {"a": entry}}))
    shown = machine.run("stack", cwd=project)
    assert "○ a" in shown.out
    assert not trace.exists()
    machine.run("stack", "--project", str(project))
    assert trace.exists()


def test_a_server_behind_ostiary_is_looked_at_behind_it(machine: Machine) -> None:
    policy = machine.write("policy.yaml", "version: 1\n")
    words = ["run", "--policy", str(policy), "--env", "A", "--", lister()["command"], *lister("paged")["args"]]  # type: ignore[misc]
    machine.write(
        ".cursor/mcp.json", {"mcpServers": {"a": {"command": "/opt/ostiary", "args": words, "env": {"A": "1"}}}}
    )
    (one,) = machine.run("stack", "--format", "json").document["servers"]
    assert (one["state"], one["tools"], one["policy"]) == ("guarded", {"read": 2, "destructive": 1}, str(policy))
    policy.write_text("version: 1\ndefalt: deny\n")
    broken = machine.run("stack")
    assert broken.code == 1
    assert "it does not start" in broken.out


def test_a_file_that_cannot_be_read_is_said_with_its_place(machine: Machine) -> None:
    file = machine.write(".cursor/mcp.json", '{"mcpServers": {"a" 1}}')
    machine.write(".claude.json", {"mcpServers": {"pages": lister("paged")}})
    told = machine.run("stack")
    assert told.code == 1
    assert f"{file}:1:21: is no JSON: expecting ':' delimiter" in told.out
    assert "● pages" in told.out or "○ pages" in told.out


def test_only_some_clients_and_servers(machine: Machine) -> None:
    machine.write(".cursor/mcp.json", {"mcpServers": {"a": lister(), "b": lister()}})
    machine.write(".claude.json", {"mcpServers": {"a": lister()}})
    found = machine.run("stack", "--client", "cursor", "--server", "b", "--no-start", "--format", "json").document
    assert [(one["client"], one["name"]) for one in found["servers"]] == [("cursor", "b")]
    wrong = machine.run("stack", "--client", "curser")
    assert (wrong.code, wrong.err[:34]) == (2, "--client curser: unknown; known ar")
