"""One scenario per real server. Each starts from data of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from redis import Redis

from tests.real import servers
from tests.real.scenario import Scenario, allowed, denied, hidden, limited, unknown

_VALKEY = """
version: 1
name: cache
default: deny
hide: [valkey_admin, "json_*"]
tools:
  valkey_read: {}
  no_such_tool: {}
  valkey_write:
    require:
      - args.command in ["SET", "HSET"]
      - {path: 'args.args[0]', op: starts_with, value: "cart:", on_deny: Agents write to carts only}
    rate_limit: {max: 2, window: 3600}
"""


def valkey(redis: Redis) -> Scenario:
    """A shop's cache: agents read everything and write to carts, twice an hour."""
    redis.flushall()
    redis.set("stock:7", "12")

    def world() -> Mapping[str, object]:
        return {str(key): redis.get(key) for key in sorted(redis.keys("*"))}

    return Scenario(
        servers.valkey(redis),
        _VALKEY,
        hidden=frozenset({"valkey_admin", "json_get", "json_set"}),
        steps=(
            allowed("valkey_read", "12", command="GET", args=["stock:7"]),
            allowed("valkey_write", command="SET", args=["cart:1", "apples"]),
            denied("valkey_write", "Agents write to carts only", command="SET", args=["stock:7", "0"]),
            denied("valkey_write", command="DEL", args=["cart:1"]),
            denied("search", query="apples"),
            hidden("valkey_admin", command="FLUSHALL", confirm=True),
            unknown(),
            allowed("valkey_write", command="SET", args=["cart:2", "pears"]),
            limited("valkey_write", command="SET", args=["cart:3", "plums"]),
            allowed("valkey_read", "pears", command="GET", args=["cart:2"]),
        ),
        world=world,
        after={"cart:1": "apples", "cart:2": "pears", "stock:7": "12"},
    )


_GIT = """
version: 1
default: deny
hide: [git_reset, git_checkout, git_create_branch]
tools:
  "git_status": {}
  "git_diff*": {}
  no_such_tool: {}
  git_add:
    deny_if:
      - args.files.exists(file, file.endsWith(".env"))
    reason: Secrets stay out of the repository
  git_commit:
    arguments:
      properties: {message: {type: string, minLength: 10}}
    rate_limit: 1/hour
"""


def git(directory: Path) -> Scenario:
    """A repository with a secret in it: agents may commit once an hour, never the secret."""
    repository = servers.new_repository(directory / "repository")
    (repository / "notes.txt").write_text("milk\n")
    (repository / "prod.env").write_text("TOKEN=1\n")
    place = str(repository)

    def world() -> Mapping[str, object]:
        return {"log": _git(repository, "log", "--format=%s"), "files": _git(repository, "ls-files")}

    return Scenario(
        servers.git(repository),
        _GIT,
        hidden=frozenset({"git_reset", "git_checkout", "git_create_branch"}),
        steps=(
            allowed("git_status", "notes.txt", repo_path=place),
            denied("git_add", "Secrets stay out of the repository", repo_path=place, files=["notes.txt", "prod.env"]),
            allowed("git_add", repo_path=place, files=["notes.txt"]),
            allowed("git_diff_staged", "milk", repo_path=place),
            denied("git_commit", repo_path=place, message="wip"),
            allowed("git_commit", repo_path=place, message="Write down what to buy"),
            limited("git_commit", repo_path=place, message="Write down what to buy"),
            hidden("git_reset", repo_path=place),
            unknown(),
            denied("git_log", repo_path=place),
        ),
        world=world,
        after={"log": ["Write down what to buy"], "files": ["notes.txt"]},
    )


def _git(repository: Path, *arguments: str) -> list[str]:
    done = subprocess.run(["git", *arguments], cwd=repository, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


_TIME = """{
  "version": "1",
  "default": "deny",
  "hide": ["convert_time"],
  "tools": {
    "no_such_tool": {},
    "get_current_time": {
      "arguments": {"properties": {"timezone": {"enum": ["UTC", "Europe/Berlin"]}}},
      "rate_limit": "2/hour"
    }
  }
}"""


def clock() -> Scenario:
    """Two time zones, two looks at the clock; the policy is JSON."""
    return Scenario(
        servers.clock(),
        _TIME,
        hidden=frozenset({"convert_time"}),
        steps=(
            allowed("get_current_time", "UTC", timezone="UTC"),
            denied("get_current_time", timezone="Asia/Tokyo"),
            allowed("get_current_time", "Europe/Berlin", timezone="Europe/Berlin"),
            limited("get_current_time", timezone="UTC"),
            hidden("convert_time", source_timezone="UTC", time="12:00", target_timezone="UTC"),
            unknown(),
        ),
    )


_FILESYSTEM = """
version: 1
default: allow
hide: ["move_*"]
all_tools:
  deny_if:
    - {path: args.path, op: regex, value: '(^|/)\\.', on_deny: Hidden files are private}
tools:
  write_file:
    require: [size(args.content) <= 20]
    rate_limit: 2/hour
  edit_file:
    action: deny
    reason: Files are written whole
"""


def filesystem(directory: Path) -> Scenario:
    """A folder with a private file: short files may be written, twice an hour."""
    folder = directory / "folder"
    folder.mkdir()
    (folder / "read.me").write_text("hello\n")
    (folder / ".key").write_text("secret\n")

    def world() -> Mapping[str, object]:
        return {path.name: path.read_text() for path in sorted(folder.iterdir())}

    def at(name: str) -> str:
        return str(folder / name)

    return Scenario(
        servers.filesystem(folder),
        _FILESYSTEM,
        hidden=frozenset({"move_file"}),
        steps=(
            allowed("read_text_file", "hello", path=at("read.me")),
            denied("read_text_file", "Hidden files are private", path=at(".key")),
            allowed("write_file", path=at("a.txt"), content="short"),
            denied("write_file", path=at("b.txt"), content="rather a long text, is it not?"),
            denied("edit_file", "Files are written whole", path=at("a.txt"), edits=[{"oldText": "s", "newText": "S"}]),
            hidden("move_file", source=at("read.me"), destination=at("c.txt")),
            unknown(),
            allowed("write_file", path=at("d.txt"), content="again"),
            limited("write_file", path=at("e.txt"), content="thrice"),
        ),
        world=world,
        after={".key": "secret\n", "a.txt": "short", "d.txt": "again", "read.me": "hello\n"},
    )
