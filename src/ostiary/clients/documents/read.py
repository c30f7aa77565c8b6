"""A file by its name's ending, as a document."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ostiary.clients.documents.document import Document

__all__ = ["reader_of"]


def reader_of(file: Path) -> Callable[[str], Document]:
    """What reads the text of such a file. Reading raises `ConfigurationError`."""
    name = str(file)
    match file.suffix:
        case ".toml":
            from ostiary.clients.documents.toml import TomlDocument

            return lambda text: TomlDocument(text, name)
        case ".yaml" | ".yml":
            from ostiary.clients.documents.yaml import YamlDocument

            return lambda text: YamlDocument(text, name)
        case _:
            from ostiary.clients.documents.json import JsonDocument

            return lambda text: JsonDocument(text, name)
