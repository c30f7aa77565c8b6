"""What `ostiary stack` found, as one JSON document. Secrets are named, never quoted; so no arguments either."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from ostiary.catalog.scan_report import finding
from ostiary.clients.entry import Entry
from ostiary.clients.find import Unread
from ostiary.clients.report import Reported
from ostiary.model import JSON

__all__ = ["address", "as_json"]


def as_json(reported: Sequence[Reported], unread: Sequence[Unread]) -> dict[str, JSON]:
    """The document that `ostiary stack --format json` prints."""
    return {
        "servers": [_server(one) for one in reported],
        "errors": [{"client": one.client.id, "file": str(one.file), "error": one.error} for one in unread],
    }


def _server(one: Reported) -> dict[str, JSON]:
    entry, found = one.row.entry, one.found
    told: dict[str, JSON] = {
        "client": entry.client.id,
        "file": str(entry.file),
        "scope": entry.scope.value,
        "path": list(entry.path),
        "name": entry.name,
        "transport": entry.transport,
        "address": address(entry),
        "state": one.state.word,
        "disabled": entry.is_off,
        "grade": found.grade.letter if found else None,
        "score": found.grade.score if found else None,
        "tools": {risk_class.value: count for risk_class, count in one.classes.items()} if found else None,
        "findings": [finding(each) for each in found.findings] if found else [],
        "shadowed": [{"tool": tool, "server": server} for tool, server in one.shadowed.items()],
        "secrets": list(one.secrets),
        "unpinned": one.unpinned,
        "policy": str(entry.policy) if entry.policy else None,
        "policy_error": one.row.policy_error or None,
    }
    return told | {"error": one.row.error or None, "next": one.state.next or None}


def address(entry: Entry) -> str:
    """The program, or the URL without its query."""
    if entry.argv:
        return PurePosixPath(entry.argv[0].replace("\\", "/")).name
    try:
        parts = urlsplit(entry.url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if parts.netloc else ""
