"""A closed-loop MCP client on raw sockets and pipes, in a process of its own. Every answer is checked.

    load.py http PORT PATH TOKEN IN_FLIGHT SECONDS PID        (PID: whose CPU time counts)
    load.py stdio IN_FLIGHT SECONDS CORE -- COMMAND…          (CORE: `first` or `other`, where the command runs)

Prints one JSON object: what `Row` says.
"""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

import msgspec

from process import cpu_seconds, pin

VERSION = "2025-11-25"
WARM_UP = 0.25
HELLO = msgspec.json.encode(
    {
        "jsonrpc": "2.0",
        "id": 0,
        "method": "initialize",
        "params": {"protocolVersion": VERSION, "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}},
    }
)
READY = b'{"jsonrpc":"2.0","method":"notifications/initialized"}'
TEXT = b"hello-bench"


class Row(msgspec.Struct, frozen=True):
    """One measurement. `cpu_us` is per call; None where the system does not tell."""

    calls: int
    errors: int
    per_second: float
    p50_us: float
    p99_us: float
    cpu_us: float | None


class Window:
    """Counts what is answered after the warm-up and before the end, and ends then."""

    def __init__(self, seconds: float, pid: int) -> None:
        self._opens = time.perf_counter() + WARM_UP
        self._seconds = seconds
        self._pid = pid
        self._cpu: float | None = None
        self._took: list[float] = []
        self._is_open = False
        self.errors = 0
        self.first_error = ""

    def count(self, sent: float, now: float, body: bytes, id: int) -> bool:
        """Take one answer; False when the measurement is over."""
        if b"%d" % id not in body or TEXT not in body or b'"isError":true' in body:
            self.errors += 1
            self.first_error = self.first_error or body[:300].decode(errors="replace")
        elif self._is_open:
            self._took.append(now - sent)
        elif now >= self._opens:
            self._is_open, self._opens, self._cpu = True, now, cpu_seconds(self._pid)
        return not self._is_open or now < self._opens + self._seconds

    def row(self) -> Row:
        lasted, cpu = time.perf_counter() - self._opens, cpu_seconds(self._pid)
        if not self._took:
            sys.exit(f"no call was answered well: {self.first_error or 'nothing came back'}")
        took, calls = sorted(self._took), len(self._took)
        used = None if cpu is None or self._cpu is None else (cpu - self._cpu) * 1e6 / calls
        at = [took[min(calls - 1, int(calls * share))] * 1e6 for share in (0.5, 0.99)]
        return Row(calls, self.errors, calls / lasted, at[0], at[1], used)


def call(id: int) -> bytes:
    return b'{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"echo","arguments":{"text":"%b"}}}' % (
        id,
        TEXT,
    )


class Connection:
    """One HTTP connection with at most one request on it."""

    def __init__(self, port: int, path: str, token: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self._session = b""
        authorization = f"Authorization: Bearer {token}\r\n" if token else ""
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            f"Accept: application/json, text/event-stream\r\n{authorization}"
        ).encode()
        self.id = 0
        self.sent = 0.0
        self._shake_hands()

    def _shake_hands(self) -> None:
        self.send(HELLO)
        head, body = self._await()
        if b'"result"' not in body:
            sys.exit(f"the handshake failed: {head[:80]!r} {body[:300]!r}")
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"mcp-session-id:"):
                self._session = line + b"\r\n"
        self._head += self._session + f"MCP-Protocol-Version: {VERSION}\r\n".encode()
        self.send(READY)
        self._await()

    def _await(self) -> tuple[bytes, bytes]:
        while True:
            found = self.receive()
            if found is not None:
                return found

    def send(self, body: bytes) -> None:
        self.sent = time.perf_counter()
        self.socket.sendall(b"%bContent-Length: %d\r\n\r\n%b" % (self._head, len(body), body))

    def receive(self) -> tuple[bytes, bytes] | None:
        """Head and body of the response, None until it is whole. Ends the program if the peer has gone."""
        chunk = self.socket.recv(1 << 16)
        if not chunk:
            sys.exit("the connection was closed in the middle of a measurement")
        self._buffer += chunk
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return None
        lower = head.lower()
        at = lower.find(b"content-length:")
        if at > 0:
            is_whole = len(rest) >= int(lower[at + 15 :].split(b"\r\n", 1)[0])
        else:
            is_whole = b"chunked" not in lower or rest.endswith(b"0\r\n\r\n")
        if not is_whole:
            return None
        self._buffer = b""
        return head, rest


def over_http(port: int, path: str, token: str, in_flight: int, seconds: float, pid: int) -> Row:
    connections = [Connection(port, path, token) for _ in range(in_flight)]
    by_fd = {connection.socket.fileno(): connection for connection in connections}
    poll = select.epoll() if hasattr(select, "epoll") else select.poll()
    for fd in by_fd:
        poll.register(fd, select.POLLIN)
    window, id = Window(seconds, pid), 1_000_000
    for connection in connections:
        id += 1
        connection.id = id
        connection.send(call(id))
    while True:
        for fd, _ in poll.poll():
            connection = by_fd[fd]
            found = connection.receive()
            if found is None:
                continue
            if not window.count(connection.sent, time.perf_counter(), found[1], connection.id):
                return window.row()
            id += 1
            connection.id = id
            connection.send(call(id))


def over_stdio(in_flight: int, seconds: float, to_first: bool, command: Sequence[str]) -> Row:
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as child:
        pin(child.pid, to_first)
        if child.stdin is None or child.stdout is None:
            sys.exit("there are no pipes")
        reads, writes = child.stdout.fileno(), child.stdin.fileno()
        os.write(writes, HELLO + b"\n")
        if b'"result"' not in os.read(reads, 1 << 16):
            sys.exit("the handshake failed")
        os.write(writes, READY + b"\n")
        try:
            return _pump(reads, lambda data: write_all(writes, data), in_flight, Window(seconds, child.pid))
        finally:
            child.stdin.close()
            child.terminate()


def _pump(reads: int, write: Callable[[bytes], None], in_flight: int, window: Window) -> Row:
    ids = range(1_000_000, 1_000_000 + in_flight)
    sent = dict.fromkeys(ids, time.perf_counter())
    following, rest = ids.stop, b""
    write(b"".join(call(id) + b"\n" for id in ids))
    decode = msgspec.json.Decoder(Answered).decode
    while chunk := os.read(reads, 1 << 18):
        *lines, rest = (rest + chunk).split(b"\n")
        now, calls = time.perf_counter(), []
        for line in lines:
            id = decode(line).id
            if id is None:
                continue
            if not window.count(sent.pop(id), now, line, id):
                return window.row()
            sent[following] = now
            calls.append(call(following) + b"\n")
            following += 1
        if calls:
            write(b"".join(calls))
    sys.exit("the child ended in the middle of a measurement")


class Answered(msgspec.Struct):
    id: int | None = None


def write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def main() -> Row:
    match sys.argv[1:]:
        case ["http", port, path, token, in_flight, seconds, pid]:
            return over_http(int(port), path, token, int(in_flight), float(seconds), int(pid))
        case ["stdio", in_flight, seconds, core, "--", *command]:
            return over_stdio(int(in_flight), float(seconds), core == "first", command)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(main()))
