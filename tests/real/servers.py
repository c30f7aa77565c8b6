"""The real servers that stand behind the gate."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError as NoConnection
from redis.retry import Retry

from tests.real.places import filesystem_server, installed, pick_port, redis_server


@dataclass(frozen=True, slots=True)
class Server:
    """How to start a server; `tools` are some that it is known to have."""

    name: str
    command: tuple[str, ...]
    tools: frozenset[str]
    env: Mapping[str, str] = field(default_factory=dict)


def valkey(redis: Redis) -> Server:
    port = redis.get_connection_kwargs()["port"]
    return Server(
        "valkey",
        (installed("aws", "awslabs.valkey-mcp-server"),),
        frozenset({"valkey_read", "valkey_write", "valkey_admin"}),
        {"VALKEY_HOST": "127.0.0.1", "VALKEY_PORT": str(port)},
    )


def new_repository(directory: Path) -> Path:
    """An empty git repository on branch `main`, whose author is set."""
    directory.mkdir()
    for arguments in (
        ["init", "-q", "-b", "main"],
        ["config", "user.name", "T"],
        ["config", "user.email", "t@example"],
    ):
        subprocess.run(["git", *arguments], cwd=directory, check=True)
    return directory


def git(repository: Path) -> Server:
    return Server(
        "git",
        (installed("reference", "mcp-server-git"), "--repository", str(repository)),
        frozenset({"git_status", "git_add", "git_commit", "git_log"}),
    )


def clock() -> Server:
    return Server(
        "time",
        (installed("reference", "mcp-server-time"), "--local-timezone", "UTC"),
        frozenset({"get_current_time", "convert_time"}),
    )


def filesystem(directory: Path) -> Server:
    return Server(
        "filesystem",
        (*filesystem_server(), str(directory)),
        frozenset({"read_text_file", "write_file", "list_directory"}),
    )


@contextmanager
def running_redis(directory: Path) -> Iterator[Redis]:
    """A Redis or Valkey of its own on a free port, which keeps nothing."""
    port = pick_port()
    command = [redis_server(), "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(directory)]
    patience = Retry(ConstantBackoff(0.05), retries=2400, supported_errors=(NoConnection,))
    with (directory / "redis.log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            with Redis(host="127.0.0.1", port=port, retry=patience, decode_responses=True) as client:
                client.ping()
                yield client
        finally:
            process.terminate()
