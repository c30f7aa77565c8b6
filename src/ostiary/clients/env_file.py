"""`envFile` of an entry: a file of variables that the client reads and gives to the server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from ostiary.clients.entry import Entry

__all__ = ["EnvFileError", "from_env_file"]

_LINE: Final = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*"""
    r"""(?:'(?P<single>[^']*)'|"(?P<double>[^"]*)"|(?P<bare>[^#\r\n]*))""",
    re.MULTILINE,
)


class EnvFileError(Exception):
    """The file that an entry names cannot be read."""


def from_env_file(entry: Entry) -> dict[str, str]:
    """What the entry's file of variables holds; nothing where it names none. Raises `EnvFileError`."""
    written = entry.raw.get("envFile")
    if not isinstance(written, str) or not written:
        return {}
    folder = entry.file.parent.parent  # of `.vscode` or `.cursor`
    path = Path(written.replace("${workspaceFolder}", str(folder)).replace("${userHome}", str(Path.home())))
    try:
        text = (folder / path.expanduser()).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise EnvFileError(f"its `envFile` cannot be read: {written}") from None
    return {found["name"]: _value(found) for found in _LINE.finditer(text)}


def _value(found: re.Match[str]) -> str:
    quoted = found["single"] if found["single"] is not None else found["double"]
    return quoted if quoted is not None else found["bare"].strip()
