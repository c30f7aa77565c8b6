"""What is careless in an entry, whatever its server does: secrets in plain text, programs without a version."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from ostiary.clients.entry import Entry

__all__ = ["plain_secrets", "secret_values", "unpinned"]

_REFERENCE: Final = re.compile(r"\$\{[^{}]*\}|\$[A-Za-z_]\w*|\{(?:env|file):[^{}]*\}|%\w+%")
_SCHEME: Final = re.compile(r"(?i)(?:bearer|basic|token)?\s*")
_PLACE: Final = re.compile(r"(?:~|\.{1,2})?/|[A-Za-z]:\\")
_HEADERS: Final = re.compile(r"(?i)authorization|cookie|.*(?:token|secret|key)")


def plain_secrets(entry: Entry) -> list[str]:
    """The names of what holds a secret in plain text: `env.TOKEN`, `headers.Authorization`, `args`, `url`."""
    return list(dict.fromkeys(place for place, _ in _secrets(entry)))


def secret_values(data: Any) -> set[str]:
    """Every text in a document that looks like a secret, by its key or by its form: what is never shown."""
    found: set[str] = set()
    waiting: list[tuple[str, Any]] = [("", data)]
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, Mapping):
            waiting += [(str(name), one) for name, one in value.items()]
        elif isinstance(value, list | tuple):
            waiting += [("", one) for one in value]
        elif isinstance(value, str) and len(value) >= 4 and (_is_secret(key, value) or _HEADERS.fullmatch(key)):
            found.add(value)
    return found


def _secrets(entry: Entry) -> Iterator[tuple[str, str]]:
    for name, value in entry.env.items():
        if _is_secret(name, value):
            yield f"{entry.dialect.env[-1]}.{name}", value
    for name, value in entry.headers.items():
        if _HEADERS.fullmatch(name) and _is_plain(value):
            yield f"{entry.dialect.headers}.{name}", value
    before = ""
    for word in entry.argv[1:]:
        option, _, value = word.partition("=") if word.startswith("-") else ("", "", word)
        if (value and _is_secret(option or before, value)) or _is_secret("", word):
            yield "the arguments", word
        before = word.lstrip("-") if word.startswith("-") else ""
    if entry.url and any(_is_secret(name, value) or len(value) >= 20 for name, value in _query(entry.url)):
        yield "the URL", entry.url


def _query(url: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(url).query)
    except ValueError:
        return []


def _is_secret(name: str, value: str) -> bool:
    from ostiary.policy.sensitive import NAMED_SETS, is_secret_name

    if not _is_plain(value):
        return False
    if is_secret_name(name.lstrip("-")) and not _PLACE.match(value):
        return True
    return any(finder.replace(value) != value for finder in NAMED_SETS["secrets"])


def _is_plain(value: str) -> bool:
    """Whether it is there in plain text, and not a variable that is filled in, or nothing."""
    return not _SCHEME.fullmatch(_REFERENCE.sub("", value))


_OWN_VALUE: Final = frozenset(
    (
        "--from",
        "--with",
        "--python",
        "-p",
        "--package",
        "--index",
        "--index-url",
        "--registry",
        "--directory",
        "--cache",
    )
)
_NAMES_PACKAGE: Final = frozenset(("--from", "-p", "--package", "--spec"))
_RUNNERS: Final[Mapping[tuple[str, ...], str]] = {
    ("npx",): "npm", ("bunx",): "npm", ("pnpx",): "npm", ("npm", "exec"): "npm", ("pnpm", "dlx"): "npm",
    ("yarn", "dlx"): "npm", ("bun", "x"): "npm", ("uvx",): "python", ("uv", "tool", "run"): "python",
    ("pipx", "run"): "python",
}  # fmt: skip


def unpinned(argv: Sequence[str]) -> str | None:
    """The package or image that a command fetches in whatever version is newest that day; None where it has one."""
    words = [PurePosixPath(argv[0].replace("\\", "/")).name.lower(), *argv[1:]] if argv else []
    words = words[2:] if words[:2] == ["cmd", "/c"] else words
    words = [words[0].removesuffix(".exe").removesuffix(".cmd"), *words[1:]] if words else []
    for runner, kind in _RUNNERS.items():
        if tuple(words[: len(runner)]) == runner:
            package = _package(words[len(runner) :], kind)
            return package if package and not _has_version(package, kind) else None
    if words[:2] in (["docker", "run"], ["podman", "run"]):
        image = _image(words[2:])
        return image if image and "@sha256:" not in image and _tag(image) in ("", "latest") else None
    return None


def _package(words: Sequence[str], kind: str) -> str | None:
    """What is fetched: named by an option, else the first word that is none."""
    named = _NAMES_PACKAGE - ({"-p"} if kind == "python" else set())
    rest = iter(words)
    for word in rest:
        option, is_joined, value = word.partition("=")
        if option in named:
            return value if is_joined else next(rest, None)
        if option in _OWN_VALUE and not is_joined:
            next(rest, None)
        elif not word.startswith("-"):
            return word
    return None


def _has_version(package: str, kind: str) -> bool:
    """A version that is one: `latest` is none, a range is none either; a path or a commit is no name in a registry."""
    if _PLACE.match(package) or package.endswith((".whl", ".tgz", ".tar.gz")):
        return True
    if "://" in package or package.startswith(("git+", "github:")):
        return bool(re.search(r"[@#](?:v?\d[\w.]*|[0-9a-f]{7,40})(?:#|\Z)", package))
    if kind == "python":
        return bool(re.search(r"(?:===?|@)\s*v?\d[\w.+!-]*\Z", package))
    return bool(re.search(r"(?!\A)@v?\d+\.\d+[\w.+-]*\Z", package))


_DOCKER_FLAGS: Final = re.compile(r"-[itdP]+|--(?:rm|init|interactive|tty|privileged|read-only|detach|.*=.*)")


def _image(words: Sequence[str]) -> str | None:
    rest = iter(words)
    for word in rest:
        if not word.startswith("-"):
            return word
        if not _DOCKER_FLAGS.fullmatch(word):
            next(rest, None)
    return None


def _tag(image: str) -> str:
    return image.rpartition("/")[2].partition(":")[2]
