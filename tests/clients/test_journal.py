"""What `ostiary init` remembers."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.clients.journal import FILE, Journal
from ostiary.errors import ConfigurationError


@pytest.mark.parametrize("text", [b"", b"{}", b'[{"client": 1}]', b'[{"client": "\xff"}]'])
def test_a_damaged_one_is_said_in_a_line(text: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(text)
    with pytest.raises(ConfigurationError, match="is damaged") as caught:
        Journal(tmp_path)
    assert len(str(caught.value).splitlines()) == 1
