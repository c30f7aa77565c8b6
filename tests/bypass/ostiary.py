"""Ostiary as the gateway under test: its policy, its configuration, its commands. The only file that knows of it."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from tests.bypass.agents import GatewayError
from tests.bypass.stands import HttpStand, StdioStand
from tests.bypass.upstream import HttpUpstream
from tests.real.places import pick_port

COMMAND: Final = (sys.executable, "-c", "from ostiary.cli.main import main; main()")
POLICY: Final = """\
version: 1
default: deny
hide: [hidden]
tools:
  allowed: {}
  denied: {action: deny}
  limited: {require: [{path: args.amount, op: lte, value: 500}]}
  matched: {require: [{path: args.value, op: regex, value: "^/srv/data/[a-z]+$"}]}
  pattern: {require: [{path: args.value, op: regex, value: "^(a+)+$"}]}
"""
LIMITS: Final = {"head_timeout": 3, "body_timeout": 3, "keep_alive": 3, "unread_timeout": 20}


async def http(directory: Path) -> HttpStand:
    """`ostiary serve` with two grants, in front of an upstream that has a credential. Its patience is short, so that
    nobody has to wait for the end of it."""
    upstream = HttpUpstream()
    await upstream.start()
    port = pick_port()
    file = directory / "ostiary.yaml"
    server = {
        "url": upstream.url,
        "policy": str(_policy(directory)),
        "headers": {"Authorization": "Bearer upstream-canary"},
    }
    configuration: dict[str, Any] = {
        "listen": f"127.0.0.1:{port}",
        "state": str(directory / "state"),
        "limits": LIMITS,
        "servers": {"upstream": server},
    }
    file.write_text(json.dumps(configuration))
    tokens = [_grant(file, name) for name in ("one", "other")]
    command = (*COMMAND, "serve", "-c", str(file))
    url = f"http://127.0.0.1:{port}/mcp/upstream"
    stand = HttpStand(url, upstream, directory / "output", command, tokens, (directory / "state",))
    await stand.start()
    return stand


def stdio(directory: Path) -> StdioStand:
    """`ostiary run` in front of a child."""
    state = directory / "run-state"
    words = (*COMMAND, "run", "--policy", str(_policy(directory)), "--state", str(state), "--name", "upstream", "--")
    return StdioStand(f"{shlex.join(words)} {{upstream}}", directory, (state,))


def _policy(directory: Path) -> Path:
    file = directory / "policy.yaml"
    file.write_text(POLICY)
    return file


def _grant(file: Path, name: str) -> str:
    words = (*COMMAND, "grant", "create", "-c", str(file), "--server", "upstream", "--name", name, "--format", "json")
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise GatewayError(f"no grant could be made: {done.stderr.strip()}")
    token: str = json.loads(done.stdout)["token"]
    return token
