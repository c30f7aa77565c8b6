"""The leanest MCP server that Python makes: one `echo` tool, `upstream.py http PORT` or `upstream.py stdio`.

It does no more than a benchmark needs, so that what is measured is the gateway and not this.
"""

from __future__ import annotations

import os
import select
import socket
import sys

import msgspec

VERSION = "2025-11-25"
TOOL = {"name": "echo", "description": "Say it back.", "inputSchema": {"type": "object", "required": ["text"]}}


class Params(msgspec.Struct, frozen=True):
    arguments: dict[str, str] = {}


class Message(msgspec.Struct, frozen=True):
    method: str = ""
    id: msgspec.Raw = msgspec.Raw(b"")
    params: Params = Params()


DECODER = msgspec.json.Decoder(Message)
STATIC = {
    "initialize": {
        "protocolVersion": VERSION,
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "echo", "version": "1"},
    },
    "tools/list": {"tools": [TOOL]},
    "ping": {},
}


def answer(raw: bytes) -> bytes | None:
    """The response to one message; None where there is none to give."""
    message = DECODER.decode(raw)
    if not message.id:
        return None
    if message.method == "tools/call":
        text = msgspec.json.encode(message.params.arguments.get("text", ""))
        body = b'"result":{"content":[{"type":"text","text":' + text + b"}]}"
    elif message.method in STATIC:
        body = b'"result":' + msgspec.json.encode(STATIC[message.method])
    else:
        body = b'"error":{"code":-32601,"message":"Method not found"}'
    return b'{"jsonrpc":"2.0","id":' + bytes(message.id) + b"," + body + b"}"


def serve_stdio() -> None:
    rest = b""
    while chunk := os.read(0, 1 << 18):
        *lines, rest = (rest + chunk).split(b"\n")
        answers = [said + b"\n" for line in lines if line.strip() and (said := answer(line)) is not None]
        if answers:
            write_all(b"".join(answers))


def write_all(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


def serve_http(port: int) -> None:
    listener = socket.create_server(("127.0.0.1", port), backlog=512)
    poll = select.epoll() if hasattr(select, "epoll") else select.poll()
    poll.register(listener.fileno(), select.POLLIN)
    connections: dict[int, tuple[socket.socket, bytearray]] = {}
    while True:
        for fd, _ in poll.poll():
            if fd == listener.fileno():
                accepted = listener.accept()[0]
                accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connections[accepted.fileno()] = accepted, bytearray()
                poll.register(accepted.fileno(), select.POLLIN)
            elif not take(*connections[fd]):
                poll.unregister(fd)
                connections.pop(fd)[0].close()


def take(connection: socket.socket, buffer: bytearray) -> bool:
    """Answer every whole request in the buffer; False once the peer has gone."""
    try:
        chunk = connection.recv(1 << 16)
    except OSError:
        return False
    buffer += chunk
    while (end := buffer.find(b"\r\n\r\n")) > 0:
        head = bytes(buffer[:end]).lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at > 0 else 0
        if len(buffer) < end + 4 + length:
            break
        body = bytes(buffer[end + 4 : end + 4 + length])
        del buffer[: end + 4 + length]
        connection.sendall(http_response(head, body))
    return bool(chunk)


def http_response(head: bytes, body: bytes) -> bytes:
    if not head.startswith(b"post"):
        return b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n"
    said = answer(body)
    if said is None:
        return b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(said), said)


if __name__ == "__main__":
    if sys.argv[1:] == ["stdio"]:
        serve_stdio()
    elif len(sys.argv) == 3 and sys.argv[1] == "http":
        serve_http(int(sys.argv[2]))
    else:
        sys.exit("usage: upstream.py stdio | upstream.py http PORT")
