"""Carelessness in entries: secrets in plain text, packages without a version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ostiary.clients.client import Place
from ostiary.clients.entry import entries_in, guard_in
from ostiary.clients.hygiene import plain_secrets, secret_values, unpinned
from ostiary.clients.known import CLIENTS

GITHUB = "ghp_" + "0" * 36


def secrets(raw: dict[str, Any]) -> list[str]:
    place = Place(Path("mcp.json"), (("mcpServers",),))
    (entry,) = entries_in(CLIENTS[0], place, {"mcpServers": {"s": raw}})
    return plain_secrets(entry)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"command": "x", "env": {"API_KEY": "abc"}}, ["env.API_KEY"]),
        ({"command": "x", "env": {"PAGER": GITHUB}}, ["env.PAGER"]),
        ({"command": "x", "env": {"DATABASE_URL": "postgresql://ann:hunter2@db/shop"}}, ["env.DATABASE_URL"]),
        ({"command": "x", "env": {"API_KEY": "${API_KEY}", "B_TOKEN": "${input:b}", "C_TOKEN": "$C", "D": ""}}, []),
        ({"command": "x", "env": {"GOOGLE_CREDENTIALS": "/home/ann/key.json", "LOG_LEVEL": "debug"}}, []),
        ({"command": "x", "args": ["--api-key", "abc"]}, ["the arguments"]),
        ({"command": "x", "args": [f"--token={GITHUB}"]}, ["the arguments"]),
        ({"command": "x", "args": ["--header", f"Authorization: Bearer {GITHUB}"]}, ["the arguments"]),
        ({"command": "x", "args": ["--repository", ".", "--token-limit", "5"]}, []),
        ({"url": "https://x.example/mcp", "headers": {"X-Api-Key": "Bearer abc", "X-A": "b"}}, ["headers.X-Api-Key"]),
        ({"url": "https://x.example/mcp", "headers": {"Authorization": "Bearer ${TOKEN}"}}, []),
        ({"url": "https://x.example/mcp?apiKey=abc"}, ["the URL"]),
        ({"url": "https://x.example/mcp?page=2"}, []),
    ],
)  # fmt: skip
def test_a_secret_in_plain_text_is_named(raw: dict[str, Any], expected: list[str]) -> None:
    assert secrets(raw) == expected


def test_every_secret_of_a_document_is_known() -> None:
    data = {"a": [{"headers": {"Authorization": "Bearer abcd"}}], "oauth": {"access_token": "wxyz1"}, "name": "shop"}
    assert secret_values(data) == {"Bearer abcd", "wxyz1"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("npx -y @scope/server", "@scope/server"),
        ("npx -y @scope/server@latest", "@scope/server@latest"),
        ("npx -y @scope/server@^1", "@scope/server@^1"),
        ("npx -y @scope/server@1.2.3", None),
        ("npx --package=tool@1.2.3 -y tool", None),
        ("npx -p tool tool", "tool"),
        ("cmd /c npx -y server", "server"),
        ("bunx server", "server"),
        ("pnpm dlx server", "server"),
        ("uvx mcp-server-git --repository .", "mcp-server-git"),
        ("uvx mcp-server-git==1.0", None),
        ("uvx mcp-server-git@1.0", None),
        ("uvx awslabs.valkey-mcp-server@latest", "awslabs.valkey-mcp-server@latest"),
        ("uvx --from git+https://example.com/x.git x", "git+https://example.com/x.git"),
        ("uvx --from git+https://example.com/x.git@0123abcdef x", None),
        ("uvx --python 3.12 tool", "tool"),
        ("uv tool run tool", "tool"),
        ("uv run server.py", None),
        ("/usr/bin/npx ./local", None),
        ("docker run -i --rm ghcr.io/github/github-mcp-server", "ghcr.io/github/github-mcp-server"),
        ("docker run -i --rm -e TOKEN mcp/time:latest", "mcp/time:latest"),
        ("docker run -i --rm -e TOKEN localhost:5000/mcp/time:1.2", None),
        ("node server.js", None),
        ("npx", None),
    ],
)
def test_what_is_fetched_without_a_version_is_named(line: str, expected: str | None) -> None:
    assert unpinned(line.split()) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ostiary run --policy p -- x", ("--policy", "p", "--", "x")),
        ("/opt/bin/ostiary run -- x", ("--", "x")),
        ("uvx ostiary run -- x", ("--", "x")),
        ("/usr/bin/uvx --from ostiary==1.0 ostiary run -- x", ("--", "x")),
        ("uvx ostiary@1.2 run -- x", ("--", "x")),
        ("/usr/bin/python3 -m ostiary run -- x", ("--", "x")),
        ("ostiary serve", None),
        ("npx ostiary run", None),
        ("x -- ostiary run", None),
        ("", None),
    ],
)
def test_ostiary_is_recognised_however_it_is_started(line: str, expected: tuple[str, ...] | None) -> None:
    assert guard_in(line.split()) == expected
