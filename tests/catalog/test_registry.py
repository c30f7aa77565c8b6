"""A registry keeps what was new, reads back what it kept, and takes nothing that only looks like it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ostiary.catalog.about import About, Facts, SavedList
from ostiary.catalog.listing import read_file
from ostiary.catalog.registry import add, read
from ostiary.catalog.snapshot import Snapshot
from ostiary.catalog.sources import gather
from ostiary.errors import ConfigurationError

READ = {"name": "get_page", "description": "Gets a page.", "inputSchema": {"maximum": 1.50}}
DELETE = {"name": "delete_page"}
NOBODY = About({})


def scan(at: str, *tools: dict[str, Any], version: str = "1.0") -> Snapshot:
    return Snapshot("box", at, tools, "box", version, ("odd",))


def test_what_is_kept_is_read_back(tmp_path: Path) -> None:
    first, second = scan("2026-10-01", READ), scan("2026-11-28T10:00:00Z", READ, DELETE)
    path = add(tmp_path, second)
    assert path == tmp_path / "box/2026-11-28T10-00-00Z-1.0.json"
    add(tmp_path, first)
    assert [(one.scanned, len(one.tools), one.notes) for one in read(tmp_path)] == [
        ("2026-10-01", 1, ("odd",)),
        ("2026-11-28T10:00:00Z", 2, ("odd",)),
    ]


def test_what_was_found_before_is_not_kept_again(tmp_path: Path) -> None:
    assert add(tmp_path, scan("2026-10", READ, DELETE))
    assert add(tmp_path, scan("2026-11", DELETE, READ)) is None
    assert add(tmp_path, scan("2026-11", DELETE, READ, version="1.1"))
    assert len(read(tmp_path)) == 2


def test_another_list_of_the_same_time_and_version_is_refused(tmp_path: Path) -> None:
    add(tmp_path, scan("2026-10", READ))
    with pytest.raises(ConfigurationError, match="another time with --at"):
        add(tmp_path, scan("2026-10", DELETE))


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"server": "../../etc"}, "not in order"),
        ({"server": "index"}, "not in order"),
        ({"scanned": "yesterday"}, "not in order"),
        ({"format": 2}, "another format"),
        ({"tools": 3}, "not a record"),
        ({"tools": [3]}, "not a record"),
    ],
)
def test_a_record_that_is_none_is_refused(members: dict[str, Any], said: str, tmp_path: Path) -> None:
    path = add(tmp_path, scan("2026-10", READ))
    assert path is not None
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **members}))
    with pytest.raises(ConfigurationError, match=said):
        read(tmp_path)


def test_a_missing_registry_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such registry"):
        read(tmp_path / "none")


def saved(path: Path, name: str, version: str = "9") -> Path:
    info = {"name": name, "version": version}
    path.write_text(json.dumps({"initialize": {"serverInfo": info}, "tools": [READ]}))
    return path


def test_a_list_belongs_to_the_server_that_gave_it(tmp_path: Path) -> None:
    about = About({"box": Facts(names=("box-server",), lists=(SavedList("old.json", "0.9", "2026-01"),))})
    saved(tmp_path / "a.json", "box-server")
    saved(tmp_path / "old.json", "whatever")
    saved(tmp_path / "z.json", "Another Server")
    found = gather([tmp_path], about, "2026-11")
    assert [(one.server, one.version, one.scanned) for one in found[:2]] == [
        ("box", "9", "2026-11"),
        ("box", "0.9", "2026-01"),
    ]
    assert found[2].server.startswith("another-server-")
    assert found[2].name == "Another Server"


def test_the_result_of_a_scan_is_no_list(tmp_path: Path) -> None:
    path = tmp_path / "scan.json"
    path.write_text(json.dumps({"server": "box", "grade": "A", "tools": [{"name": "a"}]}))
    with pytest.raises(ConfigurationError, match="give the list of tools that was scanned"):
        gather([path], NOBODY, "2026-11")


def test_an_empty_directory_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no JSON files"):
        gather([tmp_path], NOBODY, "2026-11")


def test_a_kept_record_is_a_source_like_a_list(tmp_path: Path) -> None:
    path = add(tmp_path, scan("2026-10", READ))
    assert path is not None
    assert gather([path], NOBODY, "2027")[0].scanned == "2026-10"
    assert read_file(path)
