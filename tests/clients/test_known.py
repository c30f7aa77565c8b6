"""Where the clients keep their configuration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from ostiary.clients.client import Scope
from ostiary.clients.find import Found, Unread, find
from ostiary.clients.known import CLIENTS
from ostiary.clients.surroundings import Surroundings

HOME = Path("/home/ann")
ROO = "rooveterinaryinc.roo-cline"


def paths(client: str, platform: str = "linux", environ: Mapping[str, str] | None = None) -> list[str]:
    here = Surroundings(HOME, environ or {}, platform, Path("/srv/shop"))
    (known,) = (one for one in CLIENTS if one.id == client)
    return [str(place.file) for place in known.places(here)]


@pytest.mark.parametrize(
    ("client", "platform", "expected"),
    [
        ("claude-desktop", "darwin", "/home/ann/Library/Application Support/Claude/claude_desktop_config.json"),
        ("claude-desktop", "win32", "/home/ann/AppData/Roaming/Claude/claude_desktop_config.json"),
        ("claude-desktop", "linux", "/home/ann/.config/Claude/claude_desktop_config.json"),
        ("claude-code", "linux", "/home/ann/.claude.json"),
        ("claude-code", "linux", "/srv/shop/.mcp.json"),
        ("cursor", "darwin", "/home/ann/.cursor/mcp.json"),
        ("cursor", "linux", "/srv/shop/.cursor/mcp.json"),
        ("vscode", "linux", "/home/ann/.config/Code/User/mcp.json"),
        ("vscode", "darwin", "/home/ann/Library/Application Support/Code/User/settings.json"),
        ("vscode", "win32", "/home/ann/AppData/Roaming/Code - Insiders/User/mcp.json"),
        ("vscode", "linux", "/srv/shop/.vscode/mcp.json"),
        ("windsurf", "linux", "/home/ann/.codeium/windsurf/mcp_config.json"),
        ("codex", "linux", "/home/ann/.codex/config.toml"),
        ("gemini", "linux", "/home/ann/.gemini/settings.json"),
        ("zed", "darwin", "/home/ann/.config/zed/settings.json"),
        ("zed", "win32", "/home/ann/AppData/Roaming/Zed/settings.json"),
        ("goose", "linux", "/home/ann/.config/goose/config.yaml"),
        ("goose", "win32", "/home/ann/AppData/Roaming/Block/goose/config/config.yaml"),
        ("cline", "linux", "/home/ann/.cline/data/settings/cline_mcp_settings.json"),
        ("roo", "linux", f"/home/ann/.config/Code/User/globalStorage/{ROO}/settings/mcp_settings.json"),
        ("opencode", "linux", "/srv/shop/opencode.jsonc"),
    ],
)  # fmt: skip
def test_a_client_is_looked_for_where_it_is(client: str, platform: str, expected: str) -> None:
    assert expected in paths(client, platform)


@pytest.mark.parametrize(
    ("client", "variable", "expected"),
    [
        ("claude-code", "CLAUDE_CONFIG_DIR", "/x/.claude.json"),
        ("codex", "CODEX_HOME", "/x/config.toml"),
        ("copilot", "COPILOT_HOME", "/x/mcp-config.json"),
        ("gemini", "GEMINI_CLI_HOME", "/x/.gemini/settings.json"),
        ("goose", "XDG_CONFIG_HOME", "/x/goose/config.yaml"),
        ("goose", "GOOSE_PATH_ROOT", "/x/config/config.yaml"),
        ("zed", "XDG_CONFIG_HOME", "/x/zed/settings.json"),
        ("vscode", "XDG_CONFIG_HOME", "/x/Code/User/mcp.json"),
        ("opencode", "OPENCODE_CONFIG", "/x"),
    ],
)
def test_a_variable_that_moves_it_is_respected(client: str, variable: str, expected: str) -> None:
    assert paths(client, environ={variable: "/x"})[0] == expected


def test_no_two_clients_share_a_file() -> None:
    here = Surroundings(HOME, {}, "linux", Path("/srv/shop"))
    every = [place.file for client in CLIENTS for place in client.places(here)]
    assert len(set(every)) == len(every)


def test_what_is_there_is_found_once_and_what_is_broken_is_said(tmp_path: Path) -> None:
    (tmp_path / ".cursor").mkdir()
    (tmp_path / ".cursor/mcp.json").write_text('{"mcpServers": {"a": {"command": "x"}}}')
    (tmp_path / ".mcp.json").write_text("{")
    found = list(find(Surroundings(tmp_path, project=tmp_path)))
    assert [type(one) for one in found] == [Unread, Found]
    (only,) = [one for one in found if isinstance(one, Found)]
    assert (only.place.scope, [one.name for one in only.entries]) == (Scope.USER, ["a"])
    profile = tmp_path / ".config/Code/User/profiles/1f2"
    profile.mkdir(parents=True)
    (profile / "mcp.json").write_text('{"servers": {"b": {"command": "x"}}}')
    names = [entry.name for one in find(Surroundings(tmp_path)) if isinstance(one, Found) for entry in one.entries]
    assert names == ["a", "b"]
