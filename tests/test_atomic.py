"""Files are there whole, or as they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.atomic import write_whole


def test_a_file_is_replaced_and_has_the_mode(tmp_path: Path) -> None:
    file = tmp_path / "kept"
    for data in (b"one", b"two"):
        write_whole(file, data, 0o640)
        assert (file.read_bytes(), file.stat().st_mode & 0o777) == (data, 0o640)
    assert list(tmp_path.iterdir()) == [file]


def test_where_it_cannot_be_put_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "taken" / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="taken"):
        write_whole(tmp_path / "taken", b"one")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
