"""A configuration file as it was found, and as it is written back: whole or not at all, and only if nobody else did."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from ostiary.atomic import write_whole
from ostiary.clients.documents.document import Document
from ostiary.clients.documents.read import reader_of
from ostiary.errors import ConfigurationError

__all__ = ["LARGEST", "Original"]

_BOM: Final = "\ufeff"
LARGEST: Final = 64 * 1024 * 1024
"""Bytes of the largest file that is read."""


class Original(msgspec.Struct, frozen=True):
    """A file's bytes, and the text that they are: UTF-8, without the mark that some editors put before it."""

    file: Path
    raw: bytes
    text: str
    mark: str = ""

    @classmethod
    def read(cls, file: Path) -> Original:
        """Raises `ConfigurationError` where it cannot be read or is not UTF-8."""
        try:
            if file.stat().st_size > LARGEST:
                raise ConfigurationError(f"{file}: is larger than {LARGEST >> 20} MiB")
            raw = file.read_bytes()
        except OSError as error:
            raise ConfigurationError(f"{file}: cannot be read: {error.strerror or error}") from None
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            raise ConfigurationError(f"{file}: is not UTF-8") from None
        bare = text.removeprefix(_BOM)
        return cls(file, raw, bare, text[: len(text) - len(bare)])

    def document(self) -> Document:
        """Raises `ConfigurationError` with the place of what is wrong."""
        return reader_of(self.file)(self.text)

    def write(self, text: str, backup: Path | None) -> None:
        """Put another text in its place, in one step: mode, owner and symbolic links stay. Raises `ConfigurationError`
        where the file is not what was read, or cannot be written."""
        target = self.file.resolve()
        try:
            about = target.stat()
            if backup is not None:
                write_whole(backup, self.raw, stat.S_IMODE(about.st_mode))
            new = _beside(target, (self.mark + text).encode(), about)
            try:
                if target.read_bytes() != self.raw:
                    raise ConfigurationError(f"{self.file}: has changed meanwhile; nothing was written, try again")
                new.replace(target)
            finally:
                new.unlink(missing_ok=True)
        except OSError as error:
            raise ConfigurationError(f"{self.file}: cannot be written: {error.strerror or error}") from None


def _beside(target: Path, data: bytes, about: os.stat_result) -> Path:
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with suppress(PermissionError):
            os.chown(name, about.st_uid, about.st_gid)
        Path(name).chmod(stat.S_IMODE(about.st_mode))
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)
