"""Every string of a definition, as it is and as a reader (or a model) would take it."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from ostiary.model import JSON, pointer_to
from ostiary.risk.rules.sentences import Sentence, sentences

__all__ = ["DEEPEST", "ENOUGH", "MOST", "WIDEST", "Passage", "passages", "shown"]

DEEPEST: Final = 40
MOST: Final = 2000
WIDEST: Final = 1000
_LONGEST: Final = 20_000
ENOUGH: Final = 100_000
"""How many characters of a definition are looked at: a hundred times what definitions have."""


class Passage(msgspec.Struct, frozen=True):
    """`pointer` is the string's place; `text` is verbatim; `readings` are what it says once disguises are off: first
    the plain text in lower case, then what is encoded in it; `sentences` are those of each reading. `is_key` marks the
    name of an argument."""

    pointer: str
    text: str
    readings: tuple[str, ...]
    sentences: tuple[tuple[Sentence, ...], ...]
    is_key: bool = False

    def said(self) -> Iterator[str]:
        """The words of every sentence of every reading."""
        for reading, parts in zip(self.readings, self.sentences, strict=True):
            yield from (reading[part.starts[0] : part.ends[-1]] for part in parts)


def passages(definition: JSON) -> tuple[Passage, ...]:
    """The strings of a definition in their order, names of arguments included; bounded in number, depth and length. A
    string that is there a second time is left out."""
    found: dict[tuple[str, bool], Passage] = {}
    left = ENOUGH
    for pointer, text, is_key in _strings(definition, "", 0, False):
        if (text, is_key) not in found:
            said = readings(text[: min(_LONGEST, left)])
            found[text, is_key] = Passage(pointer, text, said, tuple(map(sentences, said)), is_key)
            left -= len(text)
        if left <= 0 or len(found) == MOST:
            break
    return tuple(found.values())


def _strings(value: JSON, pointer: str, depth: int, are_names: bool) -> Iterator[tuple[str, str, bool]]:
    if depth > DEEPEST:
        return
    if isinstance(value, str):
        yield pointer, value, False
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            place = pointer_to(pointer, key)
            if are_names or key not in _KEYWORDS:
                yield place, key, are_names
            yield from _strings(
                inner, place, depth + 1, key in ("properties", "$defs", "definitions") and not are_names
            )
    elif isinstance(value, Sequence):
        for index, inner in enumerate(value[:WIDEST]):
            yield from _strings(inner, f"{pointer}/{index}", depth + 1, False)


_KEYWORDS: Final = frozenset(
    [
        "name",
        "title",
        "description",
        "inputSchema",
        "outputSchema",
        "annotations",
        "properties",
        "type",
        "enum",
        "required",
        "default",
        "items",
        "format",
        "readOnlyHint",
        "destructiveHint",
        "idempotentHint",
        "openWorldHint",
        "additionalProperties",
        "anyOf",
        "oneOf",
        "allOf",
        "const",
        "examples",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "pattern",
        "minItems",
        "maxItems",
        "$schema",
        "$ref",
        "$defs",
        "definitions",
        "_meta",
        "icons",
        "execution",
    ]
)

_LOOKALIKES: Final = str.maketrans(
    "аеорсухіјѕԁһӏԛԝтмкнвАВЕКМНОРСТХУІЈЅαοερνικτυηΑΒΕΖΗΙΚΜΝΟΡΤΥΧɡıⅼ",
    "aeopcyxijsdhlqwtmkhbABEKMHOPCTXYIJSaoepviktunABEZHIKMNOPTYXgil",
)
_MIXED: Final = re.compile(r"\b(?=\w*[a-zA-Z])(?=\w*[\u0370-\u03ff\u0400-\u052f])\w+\b")
_SPACED: Final = re.compile(r"(?:\b\w\b[ .\-_*]){7,}\w\b")
_DOTTED: Final = re.compile(r"(?:\b\w[.\-_*]\w(?:[.\-_*]\w)*\b +){3}")
_APART: Final = re.compile(r"(?<!\w)\w(?:[ .\-_*]\w(?!\w))+")
_LEET: Final = str.maketrans("013457@$", "oieastas")
_LEET_WORD: Final = re.compile(r"\b(?=[\w@$]*[a-z])(?=[\w@$]*[013457@$])[\w@$]{3,}\b")
_ENTITY: Final = re.compile(r"&#(x?)([0-9a-f]{2,6});?|&(nbsp|lt|gt|amp|quot);", re.IGNORECASE)
_NAMED: Final = {"nbsp": " ", "lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_BASE64: Final = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{24,}={0,2}(?![A-Za-z0-9+/_=-])")
_HEX: Final = re.compile(r"(?<![0-9a-fA-F])(?:[0-9a-fA-F]{2}[ :]?){16,}(?![0-9a-fA-F])")
_PERCENT: Final = re.compile(r"(?:%[0-9a-fA-F]{2}){8,}")
_ESCAPED: Final = re.compile(r"(?:\\u[0-9a-fA-F]{4} ?|\\x[0-9a-fA-F]{2}){6,}[^\n]*")
_TAGS: Final = range(0xE0000, 0xE0080)


_ENDLESS: Final = re.compile(r"\S{120}")
_NAME: Final = re.compile(r"_*[A-Za-z0-9]+(?:[_-][A-Za-z0-9]+){2,}")


def readings(text: str) -> tuple[str, ...]:
    """What a string says: in plain lower case first, then each thing that is encoded in it."""
    if text.isascii():
        plain = text
    else:
        plain = unicodedata.normalize("NFKC", text)
        plain = "".join(character for character in plain if unicodedata.category(character) != "Cf")
        plain = _MIXED.sub(lambda match: match[0].translate(_LOOKALIKES), plain)
    plain = _ENTITY.sub(_entity, plain)
    lower = _plain(plain)
    return tuple(dict.fromkeys([lower, *map(_plain, _encoded(text, plain, lower))]))


def _plain(text: str) -> str:
    """In lower case and on one line; what has no spaces for long gets some, as no word is that long."""
    return " ".join(_ENDLESS.sub(r"\g<0> ", text.lower()).split())


def _entity(match: re.Match[str]) -> str:
    if match[3]:
        return _NAMED[match[3].lower()]
    code = int(match[2], 16 if match[1] else 10) if match[1] or match[2].isdigit() else 32
    return chr(code) if 32 <= code < 0x110000 and not 0xD800 <= code < 0xE000 else " "


def _encoded(text: str, plain: str, lower: str) -> Iterator[str]:
    hidden = "".join(chr(ord(character) - 0xE0000) for character in text if ord(character) in _TAGS)
    if hidden:
        yield hidden
    if _SPACED.search(plain) or _DOTTED.search(plain):
        yield _APART.sub(lambda match: re.sub(r"[ .\-_*]", "", match[0]), re.sub(r" {2,}", " \u2003 ", plain))
    if _NAME.fullmatch(plain):
        yield re.sub("[_-]+", " ", plain).strip()
    if _LEET_WORD.search(lower):
        yield _LEET_WORD.sub(lambda match: match[0].translate(_LEET), lower)
    if sum(word in lower for word in _BACKWARDS) > 1:
        yield lower[::-1]
    if "rot13" in lower or "rot-13" in lower or sum(word in lower for word in _ROTATED) > 1:
        yield lower.translate(_ROT13)
    for pattern, decode in _CODES:
        for match in list(pattern.finditer(plain))[:20]:
            decoded = decode(match[0])
            if decoded is not None:
                yield decoded


_BACKWARDS: Final = (
    " eht",
    "dna ",
    " ot ",
    "resu",
    "snoitcurtsni",
    "suoiverp",
    "erongi",
    "llet",
    "daer",
    " dnes",
    "elif",
)
_ROTATED: Final = (
    " gur ",
    " gb ",
    " naq ",
    "hfre",
    "vafgehpgvba",
    "cerivbhf",
    "vtaber",
    "cnffjbeq",
    "erirny",
    " jvgubhg ",
    " lbhe ",
    " naq ",
    "nffvfgnag",
)
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz"
_ROT13: Final = str.maketrans(_ALPHABET, _ALPHABET[13:] + _ALPHABET[:13])


def _text(data: bytes) -> str | None:
    """Decoded bytes if they are words; None if they are noise."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    words = sum(character.isalpha() or character == " " for character in text)
    return text if len(text) > 8 and text.isprintable() and " " in text and words >= 0.75 * len(text) else None


def _from_base64(text: str) -> str | None:
    try:
        return _text(base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        return None


def _from_hex(text: str) -> str | None:
    try:
        return _text(bytes.fromhex(text.replace(":", "").replace(" ", "")))
    except ValueError:
        return None


def _from_percent(text: str) -> str | None:
    return _text(bytes.fromhex(text.replace("%", "")))


def _from_escapes(text: str) -> str | None:
    return re.sub(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})", lambda match: chr(int(match[1] or match[2], 16)), text)


_CODES: Final = ((_BASE64, _from_base64), (_HEX, _from_hex), (_PERCENT, _from_percent), (_ESCAPED, _from_escapes))


def shown(text: str, longest: int = 120) -> str:
    """Text as it can be printed: control, invisible and direction characters as `\\u{…}`, cut to a length."""
    out = []
    for character in text[: longest + 1]:
        is_plain = character == " " or (
            character.isprintable() and unicodedata.category(character) not in ("Cf", "Co", "Cn")
        )
        out.append(character if is_plain else " " if character in "\n\t\r" else f"\\u{{{ord(character):x}}}")
    return "".join(out[:longest]) + ("…" if len(text) > longest else "")
