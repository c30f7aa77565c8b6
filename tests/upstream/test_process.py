"""A child's life and death: nothing of it survives, whatever ends."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from ostiary.errors import UpstreamError, UpstreamNotReached
from ostiary.upstream.child_stderr import ChildStderr
from ostiary.upstream.guard import GroupGuard, guard
from ostiary.upstream.process import Command, environment
from ostiary.upstream.stdio import StdioLimits, StdioUpstream
from tests.processes import all_gone, is_alive
from tests.upstream.asking import CHILD, ORIGIN, ask, body, command, running

ROOT = Path(__file__).parents[2]

DRIVER = f"""
import asyncio, sys, uvloop
sys.path[:0] = [{str(ROOT / "src")!r}, {str(ROOT)!r}]
from ostiary.upstream.stdio import StdioUpstream
from tests.upstream.asking import ORIGIN, ask, command

async def main():
    upstream = StdioUpstream(command("stubborn"))
    await upstream.start()
    reply = await upstream.send(ask("anything", 0), ORIGIN)
    print(reply.body.decode(), flush=True)
    await asyncio.sleep(60)

uvloop.run(main())
"""


async def test_kill_9_of_ostiary_leaves_no_orphan() -> None:
    driver = subprocess.Popen([sys.executable, "-c", DRIVER], stdout=subprocess.PIPE)
    with driver:
        assert driver.stdout is not None
        pids = msgspec.json.decode(driver.stdout.readline())["result"]["pids"]
        assert all(map(is_alive, pids))
        driver.kill()
    assert await all_gone(*pids)


async def test_closing_ends_a_stubborn_child_and_its_own_child() -> None:
    async with running("stubborn", limits=StdioLimits(grace=0.1)) as upstream:
        pids = body(await upstream.send(ask("anything", 0), ORIGIN))["result"]["pids"]
        assert all(map(is_alive, pids))
        await upstream.close()
        assert not any(map(is_alive, pids))
        assert await upstream.wait() == 128 + signal.SIGKILL


async def test_a_child_that_exits_takes_its_own_children_along() -> None:
    async with running("offspring") as upstream:
        pids = body(await upstream.send(ask("anything", 0), ORIGIN))["result"]["pids"]
        assert await upstream.wait() == 5
        assert not any(map(is_alive, pids))


async def test_a_polite_child_ends_with_its_input() -> None:
    async with running() as upstream:
        pid = body(await upstream.send(ask("echo"), ORIGIN))["result"]["pid"]
        await upstream.close()
        assert not is_alive(pid)
        assert await upstream.wait() == 0
        with pytest.raises(UpstreamNotReached, match="exited with status 0; nothing was sent"):
            await upstream.send(ask("echo"), ORIGIN)


def test_the_watcher_learns_anew_after_somebody_ended_it() -> None:
    groups = GroupGuard()
    sleepers = [subprocess.Popen(["sleep", "600"], start_new_session=True) for _ in range(3)]
    with sleepers[0], sleepers[1], sleepers[2]:
        groups.watch(sleepers[0].pid)
        watcher = groups._watcher
        assert watcher is not None
        watcher.kill()
        watcher.wait()
        groups.watch(sleepers[1].pid)
        groups.watch(sleepers[2].pid)
        groups.forget(sleepers[2].pid)
        second = groups._watcher
        assert second is not None
        assert second is not watcher
        assert second.stdin is not None
        second.stdin.close()  # as if this process had died
        assert sleepers[0].wait(120) == -signal.SIGTERM
        assert sleepers[1].wait(120) == -signal.SIGTERM
        assert sleepers[2].poll() is None
        sleepers[2].kill()
        second.kill()
        second.wait()


async def test_no_watcher_stays_once_there_is_nobody_to_watch() -> None:
    async with running() as upstream:
        watcher = guard()._watcher
        assert watcher is not None
        assert watcher.poll() is None
        await upstream.close()
    assert watcher.returncode == 0


async def test_the_environment_is_an_allow_list(tmp_path: Path) -> None:
    environ = {"PATH": "/bin", "LC_ALL": "C", "AWS_SECRET_ACCESS_KEY": "x", "OSTIARY_STATE": "y", "LD_PRELOAD": "z"}
    assert environment({"A": "1"}, environ) == {"PATH": "/bin", "LC_ALL": "C", "A": "1"}
    upstream = StdioUpstream(command(env={"ONLY": "this"}, cwd=tmp_path))
    await upstream.start()
    seen = body(await upstream.send(ask("environ"), ORIGIN))["result"]
    await upstream.close()
    assert seen["environ"]["ONLY"] == "this"
    allowed = {"PATH", "HOME", "LANG", "TMPDIR", "USER", "SHELL", "TERM", "ONLY"}
    assert {name for name in seen["environ"] if not name.startswith(("LC_", "__"))} <= allowed
    assert Path(seen["cwd"]).samefile(tmp_path)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("no-such-command-anywhere",), "command `no-such-command-anywhere` not found on PATH"),
        (("/no/such/command",), "command `/no/such/command` cannot be started: No such file"),
        ((str(CHILD),), "cannot be started: Permission denied"),
    ],
)
async def test_a_command_that_cannot_start_is_one_clear_line(argv: tuple[str, ...], message: str) -> None:
    with pytest.raises(UpstreamNotReached, match=message):
        await StdioUpstream(Command(argv)).start()


async def test_a_directory_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(UpstreamNotReached, match="no such directory"):
        await StdioUpstream(command(cwd=tmp_path / "missing")).start()


async def test_a_command_that_dies_at_once_says_why() -> None:
    lines: list[bytes] = []
    async with running("dies", stderr=lines.append) as upstream:
        with pytest.raises(UpstreamNotReached) as caught:
            await upstream.send(ask("initialize"), ORIGIN)
        assert "exited with status 1" in str(caught.value)
        assert "ImportError: No module named 'redis' | see the manual" in str(caught.value)
        assert b"".join(lines) == b"ImportError: No module named 'redis'\nsee the manual\n"
        assert await upstream.wait() == 1


async def test_a_call_under_way_when_the_child_dies_may_have_happened() -> None:
    async with running() as upstream:
        await upstream.send(ask("echo"), ORIGIN)
        waiting = asyncio.create_task(upstream.send(ask("hold", 2), ORIGIN))
        await asyncio.sleep(0)
        with pytest.raises(UpstreamError, match=r"exited with status 3 before it answered `die`") as caught:
            await upstream.send(ask("die", 3), ORIGIN)
        assert not isinstance(caught.value, UpstreamNotReached)
        with pytest.raises(UpstreamError, match="before it answered `hold`"):
            await waiting


async def test_a_killed_child_is_called_killed() -> None:
    async with running() as upstream:
        pid = body(await upstream.send(ask("echo"), ORIGIN))["result"]["pid"]
        os.kill(pid, signal.SIGKILL)
        assert await upstream.wait() == 137
        with pytest.raises(UpstreamNotReached, match="was killed by SIGKILL"):
            await upstream.send(ask("echo"), ORIGIN)


async def test_a_message_beyond_the_bound_ends_the_child() -> None:
    async with running(limits=StdioLimits(message=100_000)) as upstream:
        with pytest.raises(UpstreamError, match="wrote a message larger than 100000 bytes"):
            await upstream.send(ask("large", 1, {"size": 1_000_000}), ORIGIN)
        await upstream.wait()


async def test_standard_error_is_passed_on_line_by_line_with_its_prefix() -> None:
    lines: list[bytes] = []
    async with running(prefix="[one] ", stderr=lines.append) as upstream:
        await upstream.send(ask("complain"), ORIGIN)
    assert b"".join(lines) == b"[one] first line\n[one] second \x1b[31mline\n"


def test_last_words_are_one_printable_line_however_they_come() -> None:
    written: list[bytes] = []
    stderr = ChildStderr("", written.append)
    for byte in b"one\ntwo\x1b[0m\r\n\xff three":
        stderr.feed(bytes([byte]))
    stderr.end()
    stderr.end()
    assert b"".join(written) == b"one\ntwo\x1b[0m\r\n\xff three\n"
    assert stderr.last == "one | two [0m | \ufffd three"


def test_a_line_without_an_end_does_not_grow() -> None:
    written: list[bytes] = []
    stderr = ChildStderr("> ", written.append)
    for _ in range(100):
        stderr.feed(b"x" * 1000)
    assert len(b"".join(written)) > 80_000
