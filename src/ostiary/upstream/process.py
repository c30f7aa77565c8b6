"""The life of one child that speaks newline-delimited JSON: started, read, written to, and ended for certain."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from ostiary.errors import UpstreamNotReached
from ostiary.upstream.child_stderr import ChildStderr
from ostiary.upstream.guard import guard

_PASSED_ON: Final = ("PATH", "HOME", "LANG", "TMPDIR", "USER", "SHELL", "TERM")
_LINGER: Final = 0.5
"""Seconds that what a child still says may take once it has exited."""
_PARTING: Final = 2.0
"""Seconds that its exit may take once it says nothing more."""
_POLL: Final = 0.02


class Command(msgspec.Struct, frozen=True):
    """What is started: never chosen by anything that came over a network. `env` is added to what is passed on."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = {}
    cwd: Path | None = None

    @property
    def label(self) -> str:
        """The program's name, without its arguments: those may hold secrets."""
        return shlex.quote(Path(self.argv[0]).name)

    async def open(
        self, stderr: ChildStderr, received: Callable[[bytes], None], ended: Callable[[], None], largest: int
    ) -> Child:
        """Start it. Raises `UpstreamNotReached`."""
        return await Child.start(self, stderr, received, ended, largest)


def environment(own: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """A child's whole environment: a few harmless variables, the locale, and what is configured."""
    passed = {name: value for name, value in environ.items() if name in _PASSED_ON or name.startswith("LC_")}
    return passed | dict(own)


class Child(asyncio.SubprocessProtocol):
    """One process and its group. `received` gets every line of its standard output, `ended` is called once.

    It has ended when it has exited or can answer no more; whatever is left of its group is then killed.
    """

    def __init__(
        self,
        command: Command,
        stderr: ChildStderr,
        received: Callable[[bytes], None],
        ended: Callable[[], None],
        largest: int,
    ) -> None:
        self._command = command
        self._stderr = stderr
        self._received = received
        self._ended = ended
        self._largest = largest
        self._partial: list[bytes] = []
        self._partial_size = 0
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._gone = asyncio.Event()
        self._exited = asyncio.Event()
        self._buried: asyncio.Task[None] | None = None
        self._is_mute = False
        self._has_said_all = False
        self._complaint = ""
        self.is_over = False

    @classmethod
    async def start(
        cls,
        command: Command,
        stderr: ChildStderr,
        received: Callable[[bytes], None],
        ended: Callable[[], None],
        largest: int,
    ) -> Child:
        """Raises `UpstreamNotReached` where the command cannot be started."""
        env = environment(command.env, os.environ)
        program = command.argv[0]
        if "/" not in program and shutil.which(program, path=env.get("PATH", os.defpath)) is None:
            raise UpstreamNotReached(f"command `{program}` not found on PATH; install it or give its full path")
        if command.cwd is not None and not command.cwd.is_dir():
            raise UpstreamNotReached(f"command `{program}` cannot start in {command.cwd}: no such directory")
        child = cls(command, stderr, received, ended, largest)
        try:
            await asyncio.get_running_loop().subprocess_exec(
                lambda: child, *command.argv, env=env, cwd=command.cwd, start_new_session=True
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise UpstreamNotReached(f"command `{program}` cannot be started: {reason}") from error
        return child

    @property
    def exit_status(self) -> int | None:
        """As a shell gives it, 128 + N after signal N; None while the process runs."""
        code = self._transport.get_returncode()
        return code if code is None or code >= 0 else 128 - code

    @property
    def epitaph(self) -> str:
        """Why it is over, in half a sentence."""
        if self._complaint:
            return self._complaint
        code = self._transport.get_returncode()
        if code is None:
            return f"`{self._command.label}` closed its standard {'output' if self._is_mute else 'input'}"
        if code < 0:
            return f"`{self._command.label}` was killed by {signal.Signals(-code).name}"
        return f"`{self._command.label}` exited with status {code}"

    @property
    def last_words(self) -> str:
        return f"; its last words: {self._stderr.last}" if self._stderr.last else ""

    def write(self, line: bytes) -> None:
        """Send one message, without its line feed. Raises `UpstreamNotReached` where the child is over."""
        if self.is_over or self._stdin.is_closing():
            raise UpstreamNotReached(f"{self.epitaph}; nothing was sent")
        self._stdin.write(line + b"\n")

    async def drained(self) -> None:
        """Returns once the child has taken most of what was written, or is over."""
        await self._has_room.wait()

    def pause(self) -> None:
        """Read no more of its output; its pipe fills and it has to wait."""
        if not self.is_over:
            self._stdout.pause_reading()

    def resume(self) -> None:
        if not self.is_over:
            self._stdout.resume_reading()

    async def wait(self) -> int:
        """The exit status, once the child has ended and its group is gone."""
        await self._gone.wait()
        if self._buried is not None:
            await asyncio.shield(self._buried)
        await self._exited.wait()
        return self.exit_status or 0

    async def stop(self, grace: float = 2.0) -> None:
        """End it: close its input, wait, SIGTERM to its group, wait, SIGKILL. `grace` is in seconds, for each wait."""
        try:
            self._stdin.close()
            for measure in (signal.SIGTERM, signal.SIGKILL, None):
                try:
                    async with asyncio.timeout(grace):
                        await self._gone.wait()
                    break
                except TimeoutError:
                    if measure is not None:
                        self._signal(measure)
            if self._buried is not None:
                await asyncio.shield(self._buried)
        except asyncio.CancelledError:
            self._signal(signal.SIGKILL)
            raise

    # asyncio calls these

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.SubprocessTransport = transport  # type: ignore[assignment]
        self._stdin: asyncio.WriteTransport = self._transport.get_pipe_transport(0)  # type: ignore[assignment]
        self._stdout: asyncio.ReadTransport = self._transport.get_pipe_transport(1)  # type: ignore[assignment]
        self._group = self._transport.get_pid()
        guard().watch(self._group)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == 2:
            self._stderr.feed(data)
        elif b"\n" in data:
            self._split(data)
        else:
            self._keep(data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002
        if fd == 1:
            self._is_mute = True
        elif fd == 2:
            self._stderr.end()
            self._has_said_all = True
        if self._is_mute:
            self._end_soon(_LINGER if self._exited.is_set() else _PARTING)

    def process_exited(self) -> None:
        self._exited.set()
        self._end_soon(_LINGER)

    def pause_writing(self) -> None:
        self._has_room.clear()

    def resume_writing(self) -> None:
        self._has_room.set()

    def _split(self, data: bytes) -> None:
        lines = data.split(b"\n")
        if self._partial:
            lines[0] = b"".join([*self._partial, lines[0]])
            self._partial.clear()
            self._partial_size = 0
        rest = lines.pop()
        for line in lines:
            self._received(line)
        if rest:
            self._keep(rest)

    def _keep(self, data: bytes) -> None:
        self._partial.append(data)
        self._partial_size += len(data)
        if self._partial_size > self._largest:
            self._partial.clear()
            self._partial_size = 0
            self._complaint = f"`{self._command.label}` wrote a message larger than {self._largest} bytes and was ended"
            self._end()

    def _end_soon(self, delay: float) -> None:
        """Its last words may still be in the pipe, and its exit may be about to follow."""
        if self._exited.is_set() and self._is_mute and self._has_said_all:
            self._end()
        else:
            asyncio.get_running_loop().call_later(delay, self._end)

    def _end(self) -> None:
        if self.is_over:
            return
        self.is_over = True
        self._has_room.set()
        self._gone.set()
        self._buried = asyncio.get_running_loop().create_task(self._bury())
        self._ended()

    async def _bury(self) -> None:
        """Nobody of its group outlives it."""
        for measure in (signal.SIGTERM, signal.SIGKILL):
            if not self._signal(measure):
                break
            for _ in range(int(2.0 / _POLL)):
                await asyncio.sleep(_POLL)
                if not self._signal(0):
                    break
        guard().forget(self._group)
        self._transport.close()

    def _signal(self, measure: int) -> bool:
        """Whether there was anybody in the group to be told."""
        try:
            os.killpg(self._group, measure)
        except (ProcessLookupError, PermissionError):
            return False
        return True
