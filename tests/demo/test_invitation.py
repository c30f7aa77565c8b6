"""`ostiary demo --serve`: what it prints is pasted, word for word, into a real client."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from ostiary.demo.play import Answer, read

LAST_LINE = "Serving until Ctrl-C. What happens at the gate:"


@pytest.fixture
def preferred_port() -> Generator[None]:
    """The port that the demo likes to serve on, for one test of this machine at a time."""
    with Path(tempfile.gettempdir(), f"ostiary-demo-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def serving(tmp_path: Path) -> Generator[tuple[subprocess.Popen[str], str]]:
    """A demo that serves, and all that it has printed up to its last line."""
    command = [sys.executable, "-m", "ostiary", "demo", "--serve"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as demo:
        try:
            assert demo.stdout is not None
            printed: list[str] = []
            for line in demo.stdout:
                printed.append(line)
                if line.strip() == LAST_LINE:
                    break
            yield demo, "".join(printed)
        finally:
            demo.terminate()


async def call(url: str, headers: Mapping[str, str], tool: str, **arguments: object) -> Answer:
    async with (
        httpx2.AsyncClient(headers=dict(headers), timeout=120, trust_env=False) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        return read(await client.call_tool(tool, arguments))


@pytest.mark.usefixtures("preferred_port")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_client_connects_with_what_was_printed(tmp_path: Path, ending: signal.Signals) -> None:
    with serving(tmp_path) as (demo, printed):
        assert LAST_LINE in printed, printed
        line = next(line for line in printed.splitlines() if line.startswith("claude mcp add"))
        claude = shlex.split(line)
        name, url, header = claude[5], claude[6], claude[8]
        assert claude[:5] == ["claude", "mcp", "add", "--transport", "http"]
        cursor, vscode = (json.loads(block) for block in re.findall(r"^\{$.*?^\}$", printed, re.MULTILINE | re.DOTALL))
        entry = cursor["mcpServers"][name]
        assert vscode["servers"][name] == {"type": "http", **entry}
        assert entry["url"] == url
        assert [f"{key}: {value}" for key, value in entry["headers"].items()] == [header]

        order = await call(url, entry["headers"], "get_order", order=1002)
        assert "Notebook" in order.text
        refused = await call(url, entry["headers"], "issue_refund", order=1001, amount=101, reason="asked nicely")
        assert refused.text.startswith("Policy violation: A refund above EUR 100 is for a person to decide")
        async with httpx2.AsyncClient(trust_env=False) as stranger:
            assert (await stranger.post(url, json={})).status_code == 401

        demo.send_signal(ending)
        rest, _ = demo.communicate(timeout=180)
        assert demo.returncode == 0, rest
        assert "temporary files are gone" in rest
    assert list(tmp_path.iterdir()) == []
