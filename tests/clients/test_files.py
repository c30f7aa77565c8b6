"""Files written back: whole, with their mode, behind their link, and never over what somebody else wrote."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ostiary.clients.files import Original
from ostiary.errors import ConfigurationError


def test_mode_link_and_mark_stay(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "mcp.json"
    real.parent.mkdir()
    real.write_bytes(b"\xef\xbb\xbf{}\r\n")
    real.chmod(0o640)
    link = tmp_path / "mcp.json"
    link.symlink_to(real)
    backup = tmp_path / "mcp.json.backup"
    Original.read(link).write("{ }\r\n", backup)
    assert link.is_symlink()
    assert real.read_bytes() == b"\xef\xbb\xbf{ }\r\n"
    assert backup.read_bytes() == b"\xef\xbb\xbf{}\r\n"
    assert {stat.S_IMODE(path.stat().st_mode) for path in (real, backup)} == {0o640}
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [
        "mcp.json",
        "mcp.json",
        "mcp.json.backup",
    ]


def test_what_changed_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    file = tmp_path / "mcp.json"
    file.write_text("{}")
    original = Original.read(file)
    file.write_text('{"new": 1}')
    with pytest.raises(ConfigurationError, match="has changed meanwhile; nothing was written"):
        original.write("{ }", None)
    assert file.read_text() == '{"new": 1}'
    assert list(tmp_path.iterdir()) == [file]


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"mcp\.json: cannot be read"):
        Original.read(tmp_path / "mcp.json")
