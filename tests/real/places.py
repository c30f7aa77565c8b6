"""Where the real programs are: `./dev test` puts them there, and what it could not get is said, never passed over."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections import deque
from pathlib import Path
from typing import Final, NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[2]
_ENVIRONMENTS = ROOT / ".venv" / "envs"
_HELD: Final[deque[int]] = deque()  # descriptors of sockets


def installed(environment: str, program: str) -> str:
    """The path of a program in a test environment of its own."""
    path = _ENVIRONMENTS / environment / "bin" / program
    if not path.exists():
        unavailable(f"no {program} in {path.parent}: run ./dev setup")
    return str(path)


def ostiary() -> tuple[str, ...]:
    """The command under test, in this interpreter's environment."""
    return (sys.executable, "-c", "from ostiary.cli.main import main; main()")


def redis_server() -> str:
    for program in ("valkey-server", "redis-server"):
        if found := shutil.which(program):
            return found
    return installed("redis", "redis-server")


def filesystem_server() -> tuple[str, ...]:
    """Node and the filesystem server's script."""
    node = shutil.which("node")
    if node is None:
        unavailable("no Node.js: install node and npm, then run ./dev setup")
    script = _ENVIRONMENTS / "filesystem/node_modules/@modelcontextprotocol/server-filesystem/dist/index.js"
    if not script.exists():
        unavailable(f"no {script}: run ./dev setup")
    return (node, str(script))


def unavailable(reason: str) -> NoReturn:
    """Skip where a person works; fail where a machine does, since there a skip is seen by nobody."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def pick_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on, and that nobody else is given before a hundred more are picked.

    On Linux it stays bound without listening: who asks for any port gets another one, and a server that asks for this
    one gets it, as both say SO_REUSEADDR. Elsewhere that does not hold, and nobody listened on it a moment ago.
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        port: int = holder.getsockname()[1]
        if sys.platform == "linux":
            _HELD.append(holder.detach())
            if len(_HELD) > 100:
                os.close(_HELD.popleft())
    return port
