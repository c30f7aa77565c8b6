"""An AWS that is on loopback: moto for most of it, answers of our own for the calls that moto lacks, and a record of
every request that reaches it.

Servers find it by `AWS_ENDPOINT_URL`. Whatever they send is told apart by the service in its signature, which nobody
checks, and by its action; tests count these.
"""

from __future__ import annotations

import http.client
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlencode

from tests.aws import answers
from tests.real.places import installed, pick_port

ACCOUNT: Final = "123456789012"
REGION: Final = "us-east-1"
_SIGNED: Final = (
    "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20261128/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
)
_FORM: Final = "application/x-www-form-urlencoded; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: of which service, for what, and with which parameters (a form's) or body."""

    service: str
    action: str
    parameters: Mapping[str, str]
    body: bytes

    @property
    def name(self) -> str:
        return f"{self.service}:{self.action}"


@dataclass(slots=True)
class Cloud:
    """`port` is where servers find it; `asked` is every request since the start, in order."""

    port: int
    moto: int
    asked: list[Asked] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def tell(self, service: str, action: str, **parameters: str) -> str:
        """Ask moto itself, past the record: to set the scene, and to look at it. The answer's XML."""
        body = urlencode({"Action": action, "Version": _VERSIONS[service], **parameters}).encode()
        headers = {"Authorization": _SIGNED.format(region=REGION, service=service), "Content-Type": _FORM}
        status, _, answer = _send(self.moto, "POST", "/", headers, body)
        assert status == 200, f"{service} {action}: HTTP {status}: {answer.decode()}"
        return answer.decode()

    def reset(self) -> None:
        """Nothing was ever asked, and the account is as the script finds it."""
        _send(self.moto, "POST", "/moto-api/reset", {}, b"")
        furnish(self)
        self.asked.clear()


_VERSIONS: Final = {"iam": "2010-05-08", "elasticache": "2015-02-02"}


def furnish(cloud: Cloud) -> None:
    """What the account has before any agent comes."""
    for group in ("Administrators", "readers"):
        cloud.tell("iam", "CreateGroup", GroupName=group)
    for user in ("ann", "deploy-bot"):
        cloud.tell("iam", "CreateUser", UserName=user)
    for id in ("prod-orders", "prod-billing"):
        described = {"ReplicationGroupDescription": "shop", "Engine": "valkey", "CacheNodeType": "cache.t4g.micro"}
        cloud.tell("elasticache", "CreateReplicationGroup", ReplicationGroupId=id, **described)


@contextmanager
def running(directory: Path) -> Iterator[Cloud]:
    """The cloud up and furnished on entry, gone on exit. moto's log is kept in `directory`."""
    cloud = Cloud(port=0, moto=pick_port())
    command = [installed("aws", "moto_server"), "-H", "127.0.0.1", "-p", str(cloud.moto)]
    with (directory / "moto.log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as moto:
        try:
            _await_answer(cloud.moto, moto, directory / "moto.log")
            with _recording(cloud):
                furnish(cloud)
                yield cloud
        finally:
            moto.terminate()


@contextmanager
def _recording(cloud: Cloud) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *arguments: _Front(cloud, *arguments))
    cloud.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def _await_answer(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Returns once moto answers; its end, or a minute of silence, is a failure."""
    for _ in range(600):
        try:
            _send(port, "GET", "/moto-api/", {}, b"")
        except OSError:
            try:
                process.wait(timeout=0.1)
            except subprocess.TimeoutExpired:
                continue
            break
        return
    raise AssertionError(f"moto does not listen: {log.read_text()}")


class _Front(BaseHTTPRequestHandler):
    """Records a request, then answers it or has moto answer it."""

    protocol_version = "HTTP/1.1"

    def __init__(self, cloud: Cloud, *arguments: object) -> None:
        self._cloud = cloud
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = read(self.command, self.path, dict(self.headers), body)
        self._cloud.asked.append(asked)
        own = answers.OWN.get(asked.name)
        if own is not None:
            self._answer(*own(asked.parameters, body, self.path))
            return
        try:
            status, kind, answer = _send(self._cloud.moto, self.command, self.path, dict(self.headers), body)
        except OSError:
            status, kind, answer = 503, "text/plain", b"moto is not there"
        self._answer(status, kind, answer)

    do_GET = do_PUT = do_DELETE = do_PATCH = do_POST  # noqa: N815 - as the library calls them

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """The record is in `Cloud.asked`."""


def read(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Asked:
    """What a request asks for, in AWS's own words where it has them: a form's Action, a JSON target, a REST path."""
    named = {name.lower(): value for name, value in headers.items()}
    scope = named.get("authorization", "").partition("Credential=")[2].partition(",")[0].split("/")
    service = scope[3] if len(scope) > 3 else "unsigned"
    parameters = dict(parse_qsl(body.decode("utf-8", "replace"))) if "form" in named.get("content-type", "") else {}
    if "Action" in parameters:
        return Asked(service, parameters["Action"], parameters, body)
    if target := named.get("x-amz-target"):
        return Asked(service, target.rpartition(".")[2], {}, body)
    return Asked(service, answers.rest_action(method, path), {}, body)


def _send(port: int, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str, bytes]:
    """One request to a port of this machine: status, content type, body. Raises `OSError`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Content-Type", "text/plain"), answer.read()
    finally:
        connection.close()
