"""What `ostiary init` has done, so that exactly that can be undone. It may quote an address, so only its owner reads
it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from ostiary.atomic import write_whole
from ostiary.clients.edits import Undoable
from ostiary.errors import ConfigurationError

__all__ = ["Deed", "Journal"]

FILE: Final = "clients.json"


class Deed(msgspec.Struct, frozen=True):
    """One entry that was put behind Ostiary. `backup` is the file as it was before."""

    client: str
    file: Path
    path: tuple[str, ...]
    policy: Path
    edits: tuple[Undoable, ...]
    backup: Path | None = None
    time: str = ""

    @property
    def name(self) -> str:
        return self.path[-1]


def _path(kind: type, value: str) -> object:
    return kind(value)


class Journal:
    """The deeds that still stand, in the order they were done. Raises `ConfigurationError` where it cannot be used."""

    def __init__(self, state: Path) -> None:
        self._file = state / FILE
        self.deeds: tuple[Deed, ...] = ()
        try:
            self.deeds = msgspec.json.decode(self._file.read_bytes(), type=tuple[Deed, ...], dec_hook=_path)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise ConfigurationError(f"{self._file}: cannot be read: {error.strerror or error}") from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"{self._file}: is damaged ({error}); the backups beside the configurations are whole"
            ) from None

    def keep(self, deeds: tuple[Deed, ...]) -> None:
        """From now on, these are the deeds."""
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(self._file, msgspec.json.format(msgspec.json.encode(deeds, enc_hook=str), indent=1))
        except OSError as error:
            raise ConfigurationError(f"{self._file}: cannot be written: {error.strerror or error}") from None
        self.deeds = deeds
