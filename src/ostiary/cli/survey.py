"""Many servers asked for their tools: side by side but not all at once, each with its own time and environment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from ostiary.catalog.listing import Listing
from ostiary.catalog.scan import Scope
from ostiary.cli.behind import launch_behind
from ostiary.cli.scan_upstreams import scan_command, scan_url
from ostiary.clients.entry import Entry
from ostiary.clients.surroundings import Surroundings
from ostiary.clients.variables import Launch, Unfilled, launch_of
from ostiary.errors import OstiaryError

__all__ = ["Answer", "ask_all", "label"]

_AT_ONCE: Final = 4
_SHORTEST: Final = 4


class Answer(msgspec.Struct, frozen=True):
    """What one server listed, or why it did not."""

    listing: Listing | None = None
    error: str = ""


def ask_all(
    entries: Sequence[Entry], here: Surroundings, seconds: float, say: Callable[[str], None]
) -> dict[int, Answer]:
    """The answer of each entry, by its place in `entries`. A server that several entries start alike is asked once.
    `say` is told, before it happens, what is started and reached."""
    answers: dict[int, Answer] = {}
    launches: dict[int, Launch] = {}
    for place, entry in enumerate(entries):
        try:
            words = entry.guard
            launches[place] = launch_of(entry, here) if words is None else launch_behind(entry, words, here)
        except Unfilled as error:
            answers[place] = Answer(error=f"only its client can start it: {error}")
    if launches:
        say(_announcement(list(launches.values())))
    asked = asyncio.run(_ask({_key(one): one for one in launches.values()}, here, seconds))
    return answers | {place: asked[_key(launch)] for place, launch in launches.items()}


def _key(launch: Launch) -> bytes:
    return msgspec.json.encode(launch, enc_hook=str)


def label(launch: Launch) -> str:
    """A server by its program or host; arguments may hold secrets."""
    if launch.argv:
        return PurePosixPath(launch.argv[0]).name
    from urllib.parse import urlsplit

    return urlsplit(launch.url).hostname or "a URL"


def _announcement(launches: Sequence[Launch]) -> str:
    programs = sorted({label(one) for one in launches if one.argv})
    hosts = sorted({label(one) for one in launches if not one.argv})
    parts = [f"starting {', '.join(programs)}"] if programs else []
    parts += [f"reaching {', '.join(hosts)}"] if hosts else []
    return f"{' and '.join(parts)}, to ask for lists; nothing is called"


async def _ask(launches: Mapping[bytes, Launch], here: Surroundings, seconds: float) -> dict[bytes, Answer]:
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(launch: Launch) -> Answer:
        async with turns:
            return await _answer(launch, here, seconds)

    return dict(zip(launches, await asyncio.gather(*map(one, launches.values())), strict=True))


async def _answer(launch: Launch, here: Surroundings, seconds: float) -> Answer:
    scope = Scope(seconds=seconds)
    try:
        if launch.argv:
            env = {**_caches(launch.argv[0], here), **launch.env}
            return Answer(await scan_command(launch.argv, env, scope, launch.cwd))
        return Answer(await scan_url(launch.url, launch.headers, scope, launch.transport))
    except OstiaryError as error:
        if "wants other credentials" in str(error):
            return Answer(error="wants a log-in that is not in its entry: the client does that itself")
        return Answer(error=_without_secrets(str(error), launch))


def _caches(program: str, here: Surroundings) -> dict[str, str]:
    """Where a package runner keeps what it has fetched: without it, each scan would fetch all of it again."""
    name = PurePosixPath(program).name
    cache = here.named("XDG_CACHE_HOME", here.home / ".cache")
    data = here.named("XDG_DATA_HOME", here.home / ".local" / "share")
    found: dict[str, Path] = {}
    if name in ("npx", "npm", "pnpm", "yarn"):
        found = {"npm_config_cache": here.named("npm_config_cache", here.home / ".npm")}
    elif name in ("uvx", "uv"):
        found = {
            "UV_CACHE_DIR": here.named("UV_CACHE_DIR", cache / "uv"),
            "UV_PYTHON_INSTALL_DIR": here.named("UV_PYTHON_INSTALL_DIR", data / "uv" / "python"),
        }
    return {variable: str(folder) for variable, folder in found.items() if folder.is_dir()}


def _without_secrets(text: str, launch: Launch) -> str:
    """What a server said last may quote what it was given."""
    given = [value for value in (*launch.env.values(), *launch.headers.values()) if len(value) >= _SHORTEST]
    for value in sorted(given, key=len, reverse=True):
        text = text.replace(value, "…")
    return " ".join(text.split())
