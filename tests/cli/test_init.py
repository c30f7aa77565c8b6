"""`ostiary init` and `--undo` on a machine with several clients."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.machine import Machine, lister, machine

__all__ = ["machine"]

TOKEN = "ghp_" + "x" * 36


@pytest.fixture
def cursor(machine: Machine) -> Path:
    return machine.write(".cursor/mcp.json", {"mcpServers": {"pages": lister("paged", env={"TOKEN": TOKEN})}, "x": 1})


def entry(file: Path, name: str = "pages") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text())["mcpServers"][name]
    return found


def files_of(machine: Machine) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in machine.home.rglob("*") if path.is_file()}


def test_a_server_is_guarded_with_the_policy_that_was_recommended(machine: Machine, cursor: Path) -> None:
    before = entry(cursor)
    told = machine.run("init", "--yes")
    assert told.code == 0, told.err
    policy = machine.home / ".config/ostiary/policies/cursor-pages.yaml"
    now = entry(cursor)
    words = [
        "run",
        "--name",
        "pages",
        "--policy",
        str(policy),
        "--env",
        "TOKEN",
        "--",
        before["command"],
        *before["args"],
    ]
    assert Path(now["command"]).name in {"ostiary", "python", "python3"}
    assert now["args"][-len(words) :] == words
    assert now["env"] == before["env"]
    assert "delete_c: {action: require_approval" in policy.read_text()
    assert machine.run("check", str(policy)).code == 0
    assert "ostiary init --undo" in told.out


def test_undone_the_file_is_the_same_bytes_and_no_copy_is_left(machine: Machine, cursor: Path) -> None:
    before = cursor.read_bytes()
    machine.run("init", "--yes")
    (backup,) = cursor.parent.glob("mcp.json.ostiary-backup-*")
    assert backup.read_bytes() == before
    told = machine.run("init", "--undo", "--yes")
    assert (told.code, cursor.read_bytes()) == (0, before)
    assert list(cursor.parent.iterdir()) == [cursor]
    assert machine.run("init", "--undo", "--yes").out == "There is nothing to undo.\n"


def test_twice_is_once_and_later_only_what_is_new(machine: Machine, cursor: Path) -> None:
    machine.run("init", "--yes")
    once = files_of(machine)
    assert "Nothing to do: 1 server is behind Ostiary already." in machine.run("init", "--yes").out
    assert files_of(machine) == once
    document = json.loads(cursor.read_text())
    document["mcpServers"]["new"] = lister()
    cursor.write_text(json.dumps(document))
    machine.run("init", "--yes")
    assert entry(cursor) == document["mcpServers"]["pages"]
    assert "run" in entry(cursor, "new")["args"]


def test_a_dry_run_shows_all_of_it_but_secrets_and_writes_nothing(machine: Machine, cursor: Path) -> None:
    near = {"env": {"TOKEN": TOKEN}, **lister("paged")}
    cursor.write_text(json.dumps({"mcpServers": {"pages": near}}, indent=2))
    before = files_of(machine)
    told = machine.run("init", "--dry-run")
    assert told.code == 0
    assert '+        "run", "--name", "pages"' in told.out
    assert '"TOKEN": "…"' in told.out
    assert TOKEN not in told.out + told.err
    assert files_of(machine) == before


@pytest.mark.usefixtures("cursor")
def test_a_dry_run_of_undoing_shows_it_and_undoes_nothing(machine: Machine) -> None:
    machine.run("init", "--yes")
    before = files_of(machine)
    told = machine.run("init", "--undo", "--dry-run")
    assert (told.code, '-        "run", "--name", "pages"' in told.out) == (0, True)
    assert files_of(machine) == before


def test_nobody_can_be_asked(machine: Machine) -> None:
    machine.write(".cursor/mcp.json", {"mcpServers": {"pages": lister("paged")}})
    before = files_of(machine)
    told = machine.run("init")
    assert (told.code, told.out) == (2, "")
    assert told.err == "ostiary init: nobody can be asked here; --dry-run shows what it would do, --yes does it\n"
    assert files_of(machine) == before


def test_other_changes_since_stay_and_a_changed_entry_is_left_alone(machine: Machine, cursor: Path) -> None:
    document = json.loads(cursor.read_text())
    document["mcpServers"]["other"] = lister()
    cursor.write_text(json.dumps(document, indent=2))
    machine.run("init", "--yes")
    changed = json.loads(cursor.read_text())
    changed["mcpServers"]["other"]["args"][1] = "--own"
    changed["mcpServers"]["pages"]["disabled"] = True
    changed["x"] = 2
    cursor.write_text(json.dumps(changed, indent=4))
    told = machine.run("init", "--undo", "--yes")
    assert told.code == 2
    assert "it is not as `ostiary init` wrote it; undo it by hand" in told.out
    now = json.loads(cursor.read_text())
    assert now["mcpServers"]["pages"] == {**document["mcpServers"]["pages"], "disabled": True}
    assert now["mcpServers"]["other"] == changed["mcpServers"]["other"]
    assert now["x"] == 2


def test_an_entry_that_is_gone_needs_no_undoing(machine: Machine, cursor: Path) -> None:
    machine.run("init", "--yes")
    cursor.write_text('{"mcpServers": {}}')
    assert machine.run("init", "--undo", "--yes").code == 0
    assert machine.run("init", "--undo", "--yes").out == "There is nothing to undo.\n"


def test_a_file_that_is_gone_needs_no_undoing(machine: Machine, cursor: Path) -> None:
    machine.run("init", "--yes")
    cursor.unlink()
    told = machine.run("init", "--undo", "--yes")
    assert (told.code, "is not there any more" in told.out) == (0, True)


def test_what_was_undone_by_hand_can_be_done_again_and_undone(machine: Machine, cursor: Path) -> None:
    before = cursor.read_bytes()
    machine.run("init", "--yes")
    cursor.write_bytes(before)
    machine.run("init", "--yes")
    assert (machine.home / ".config/ostiary/policies/cursor-pages.yaml").samefile(
        entry(cursor)["args"][entry(cursor)["args"].index("--policy") + 1]
    )
    assert machine.run("init", "--undo", "--yes").code == 0
    assert cursor.read_bytes() == before


def test_a_policy_that_is_there_is_kept(machine: Machine, cursor: Path) -> None:
    mine = machine.write(".config/ostiary/policies/cursor-pages.yaml", "version: 1\n# mine\n")
    assert machine.run("init", "--yes").code == 0
    assert mine.read_text() == "version: 1\n# mine\n"
    assert str(mine) in entry(cursor)["args"]


def test_a_policy_that_is_there_and_broken_leaves_the_server_alone(machine: Machine, cursor: Path) -> None:
    machine.write(".config/ostiary/policies/cursor-pages.yaml", "version: 1\ndefalt: deny\n")
    told = machine.run("init", "--yes")
    assert "does not load" in told.out
    assert "run" not in entry(cursor)["args"]


def test_what_lists_no_tools_is_left_alone_unless_all_are_meant(machine: Machine) -> None:
    file = machine.write(".cursor/mcp.json", {"mcpServers": {"dead": lister("die")}})
    before = file.read_bytes()
    told = machine.run("init", "--yes")
    assert (told.code, file.read_bytes()) == (0, before)
    assert "left alone" in told.out
    assert machine.run("init", "--yes", "--all").code == 0
    policy = machine.home / ".config/ostiary/policies/cursor-dead.yaml"
    assert "default: require_approval" in policy.read_text()
    assert machine.run("check", str(policy)).code == 0
    assert entry(file, "dead")["args"][-2:] == lister("die")["args"]


def test_what_cannot_be_guarded_is_not_even_started(machine: Machine, tmp_path: Path) -> None:
    trace = tmp_path / "started"
    machine.write(
        ".cursor/mcp.json",
        {"mcpServers": {"b": {"url": "http://127.0.0.1:9/", "auth": {"X": "y"}}}},
    )
    machine.write(
        ".config/goose/config.yaml", f"extensions:\n  c: &c {{type: stdio, cmd: touch, args: [{trace}]}}\n  d: *c\n"
    )
    told = machine.run("init", "--yes")
    assert told.code == 0
    assert not trace.exists()
    assert told.out.count("it shares its value with another entry") == 2
    assert "the client itself logs in at the server (`auth`)" in told.out


def test_only_what_is_named_is_changed(machine: Machine, cursor: Path) -> None:
    claude = machine.write(".claude.json", {"mcpServers": {"pages": lister("paged"), "other": lister()}})
    machine.run("init", "--yes", "--client", "claude-code", "--server", "pages")
    assert "run" not in entry(cursor)["args"]
    assert "run" not in entry(claude, "other")["args"]
    assert "run" in entry(claude)["args"]
    machine.run("init", "--yes")
    machine.run("init", "--undo", "--yes", "--client", "cursor")
    assert "run" not in entry(cursor)["args"]
    assert "run" in entry(claude)["args"]


def test_a_projects_own_files_only_if_it_is_named(machine: Machine, cursor: Path, tmp_path: Path) -> None:
    project = tmp_path / "shop"
    project.mkdir()
    file = project / ".mcp.json"
    file.write_text(json.dumps({"mcpServers": {"pages": lister("paged")}}))
    machine.run("init", "--yes", cwd=project)
    assert "run" not in entry(file)["args"]
    machine.run("init", "--undo", "--yes")
    machine.run("init", "--yes", "--project", str(project))
    assert "run" in entry(file)["args"]
    assert "run" not in entry(cursor)["args"]
    assert (machine.home / ".config/ostiary/policies/claude-code-shop-pages.yaml").exists()


def test_the_variables_of_a_file_are_passed_on_too(machine: Machine, tmp_path: Path) -> None:
    project = tmp_path / "shop"
    (project / ".cursor").mkdir(parents=True)
    (project / ".env").write_text("# mine\nexport A='1'\nB = two # more\n")
    file = project / ".cursor/mcp.json"
    file.write_text(json.dumps({"mcpServers": {"pages": lister("paged", envFile="${workspaceFolder}/.env")}}))
    told = machine.run("init", "--yes", "--project", str(project))
    assert "this file is for everyone who has the folder" in told.out
    words = entry(file)["args"]
    assert [words[place + 1] for place, word in enumerate(words) if word == "--env"] == ["A", "B"]
    (project / ".env").unlink()
    machine.run("init", "--undo", "--yes")
    assert "its `envFile` cannot be read" in machine.run("init", "--yes", "--project", str(project)).out


def test_a_broken_file_is_refused_and_the_others_are_done(machine: Machine, cursor: Path) -> None:
    broken = machine.write(".claude.json", '{"mcpServers": ')
    told = machine.run("init", "--yes")
    assert told.code == 2
    assert f"{broken}:1:16: is no JSON" in told.err
    assert "run" in entry(cursor)["args"]
