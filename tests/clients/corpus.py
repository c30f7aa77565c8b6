"""The configuration files of `tests/corpus/clients`: `working_CLIENT_WHAT` and `busted_CLIENT_WHAT`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ostiary.clients.client import Client, Place
from ostiary.clients.entry import Entry, entries_in
from ostiary.clients.files import Original
from ostiary.clients.known import CLIENTS
from ostiary.clients.plan import Change, put_before
from ostiary.clients.rewrite import Guard

CORPUS: Final = Path(__file__).resolve().parents[1] / "corpus" / "clients"
_UNDER: Final = {
    "claude-code": (("mcpServers",), ("projects", "*", "mcpServers")),
    "vscode": (("servers",),),
    "vscode-settings": (("mcp", "servers"),),
    "codex": (("mcp_servers",),),
    "zed": (("context_servers",),),
    "goose": (("extensions",),),
    "opencode": (("mcp",), ("mcp", "servers")),
}


def files(prefix: str) -> list[Path]:
    return sorted(path for path in CORPUS.glob(f"{prefix}_*") if path.suffix != ".expected")


def client_of(file: Path) -> Client:
    name = file.name.split("_")[1]
    return next(client for client in CLIENTS if client.id == name.removesuffix("-settings"))


def place_of(file: Path) -> Place:
    return Place(file, _UNDER.get(file.name.split("_")[1], (("mcpServers",),)))


def entries(original: Original) -> list[Entry]:
    data = original.document().data
    return entries_in(client_of(original.file), place_of(original.file), data)


def guard(entry: Entry) -> Guard:
    return Guard(("/usr/local/bin/ostiary",), "server", Path(f"/policies/{entry.name}.yaml"))


def put(original: Original) -> Change:
    """Ostiary before every server of a file that it can be put before."""
    return put_before(original, [(one, guard(one)) for one in entries(original) if one.guard is None])
