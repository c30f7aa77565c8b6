"""`ostiary.yaml`: which servers there are, where Ostiary listens and where it keeps its state. Strict, with places.

`${NAME}` stands for an environment variable, in this file only and once, when it is read: nothing that an agent or a
server says is ever expanded.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from ostiary.asking.settings import ApprovalReader, ApprovalSettings
from ostiary.errors import ConfigurationError, Problem
from ostiary.pins.pinned import OnDrift
from ostiary.policy.document import Node, Proofreader, read

DEFAULT_FILE: Final = Path("ostiary.yaml")
LOCK_NAME: Final = "ostiary.lock"
"""The lock that is used where a configuration names none, if it lies beside it."""
DEFAULT_LISTEN: Final = "127.0.0.1:8417"
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What a server may be called."""
NAME_HINT: Final = "use letters, digits, `.`, `_` and `-`, 64 at most"
TRANSPORTS: Final = ("http", "sse")

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TOP = (
    *("listen", "state", "database", "hosts", "origins", "metrics", "limits", "approvals", "gateways", "servers"),
    "pins",
)
_SERVER = (
    *("command", "env", "cwd", "share", "url", "headers", "policy", "timeout", "approvals", "transport"),
    *("on_drift", "failures"),
)


class ServerSettings(msgspec.Struct, frozen=True):
    """One upstream: a `command` to start, or a `url` to call, never both.

    `timeout` is how many seconds an upstream may be silent before the outcome of a call counts as unknown.
    `failures` are RE2 patterns: a result in whose text one is found counts as failed.
    `transport` is how a URL is spoken to: `http` (Streamable HTTP) or `sse` (HTTP with SSE, 2024-11-05).
    `on_drift` is what becomes of a tool that is not as it was pinned, None where nobody said.
    """

    name: str
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = {}
    cwd: Path | None = None
    share: bool = False
    url: str | None = None
    headers: Mapping[str, str] = {}
    policy: Path | None = None
    timeout: float = 300.0
    transport: str = "http"
    on_drift: OnDrift | None = None
    failures: tuple[str, ...] = ()


class Bounds(msgspec.Struct, frozen=True):
    """What a gateway takes on; sizes in bytes, times in seconds. `docs/configuration.md` says what each bounds."""

    body: int = 4 * 1024 * 1024
    sessions: int = 64
    sessions_per_principal: int = 16
    idle: float = 1800.0
    depth: int = 128
    headers: int = 100
    head: int = 32 * 1024
    head_timeout: float = 10.0
    body_timeout: float = 60.0
    keep_alive: float = 75.0
    unread_timeout: float = 60.0
    connections: int = 1024
    requests_per_principal: int = 256
    streams_per_session: int = 8
    poll_after: float | None = None


class Settings(msgspec.Struct, frozen=True):
    """Everything `ostiary serve` needs to know; paths are absolute. `pins` is the lock that is named (`names_pins`), or
    the one that may lie beside the file."""

    state: Path
    servers: Mapping[str, ServerSettings]
    host: str = "127.0.0.1"
    port: int = 8417
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    metrics: bool | None = None
    bounds: Bounds = Bounds()
    approvals: ApprovalSettings = ApprovalSettings()
    gateways: int = 1
    file: str = ""
    pins: Path | None = None
    names_pins: bool = False

    @property
    def is_loopback(self) -> bool:
        return self.host in LOOPBACK

    @property
    def shows_metrics(self) -> bool:
        """They name servers and say how busy they are, so nobody else's machine sees them unasked."""
        return self.is_loopback if self.metrics is None else self.metrics


def default_state() -> Path:
    """Where state is kept if no file says: `$XDG_STATE_HOME/ostiary`, else `~/.local/state/ostiary`."""
    home = os.environ.get("XDG_STATE_HOME")
    return (Path(home) if home else Path.home() / ".local" / "state") / "ostiary"


def load(path: Path = DEFAULT_FILE, environ: Mapping[str, str] = os.environ, *, is_starting: bool = True) -> Settings:
    """Read a configuration. Raises `ConfigurationError` with everything that is wrong.

    Only a gateway that is starting needs the variables of its servers: for anything else (`ostiary ledger tail`), one
    that is not set stays as it is written.
    """
    try:
        text = path.read_bytes()
        mode = path.stat().st_mode
    except OSError as error:
        raise ConfigurationError(
            Problem(str(path), 0, 0, f"cannot be read: {error.strerror}", hint="give the configuration with -c FILE")
        ) from None
    if mode & stat.S_IWOTH:
        raise ConfigurationError(
            Problem(str(path), 0, 0, "anybody may write this file, and it says what is started", hint="chmod o-w it")
        )
    return parse(text, str(path), path.resolve().parent, environ, is_starting=is_starting)


def parse(text: bytes, file: str, directory: Path, environ: Mapping[str, str], *, is_starting: bool = True) -> Settings:
    """`load` without the file: relative paths count from `directory`."""
    proof = Proofreader()
    reader = _Reader(proof, directory, environ, is_starting)
    settings = reader.settings(read(text, file), file)
    proof.finish()
    return settings


class _Reader:
    def __init__(self, proof: Proofreader, directory: Path, environ: Mapping[str, str], is_starting: bool) -> None:
        self._proof = proof
        self._directory = directory
        self._environ = environ
        self._approvals = ApprovalReader(proof, self._text, self._url)
        self._is_starting = is_starting

    def settings(self, root: Node, file: str) -> Settings:
        fields = self._proof.fields(root, _TOP, required=("servers",))
        host, port = self._listen(fields.get("listen"))
        if "database" in fields:
            self._proof.refuse(fields["database"], "a database of its own is not supported yet", "leave `database` out")
        return Settings(
            state=self._state(fields.get("state")),
            servers=self._servers(fields.get("servers")),
            host=host,
            port=port,
            hosts=self._texts(fields.get("hosts")),
            origins=self._texts(fields.get("origins")),
            metrics=self._proof.flag(fields["metrics"]) if "metrics" in fields else None,
            bounds=self._bounds(fields.get("limits")),
            approvals=self._approvals.read(fields.get("approvals"), self._holds(fields.get("servers"))),
            gateways=(self._proof.whole(fields["gateways"], minimum=1) if "gateways" in fields else None) or 1,
            file=file,
            pins=self._path(self._text(fields["pins"], is_needed=True) if "pins" in fields else LOCK_NAME),
            names_pins="pins" in fields,
        )

    def _listen(self, node: Node | None) -> tuple[str, int]:
        text = DEFAULT_LISTEN if node is None else self._text(node)
        host, _, port = text.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if node is not None and (not host or not port.isdigit() or int(port) > 65535):
            self._proof.refuse(node, f"`{text}` is no HOST:PORT", f"for example {DEFAULT_LISTEN}")
            return "127.0.0.1", 0
        return host, int(port)

    def _state(self, node: Node | None) -> Path:
        text = "./state" if node is None else self._text(node, is_needed=True)
        if node is not None and "://" in text:
            self._proof.refuse(node, "only a directory is supported yet", "for example ./state")
        return self._path(text)

    def _bounds(self, node: Node | None) -> Bounds:
        if node is None:
            return Bounds()
        fields = self._proof.fields(node, Bounds.__struct_fields__)
        given = {key: self._proof.whole(value, minimum=1) for key, value in fields.items()}
        return msgspec.structs.replace(Bounds(), **{key: value for key, value in given.items() if value is not None})

    def _servers(self, node: Node | None) -> Mapping[str, ServerSettings]:
        members = {} if node is None else self._proof.mapping(node) or {}
        servers: dict[str, ServerSettings] = {}
        for name, member in members.items():
            if not NAME.fullmatch(name):
                self._proof.refuse(node.keys[name] if node else member, f"`{name}` is no name for a server", NAME_HINT)
            servers[name] = self._server(name, member)
        if node is not None and not members and isinstance(node.value, dict):
            self._proof.refuse(node, "names no server")
        return servers

    def _holds(self, node: Node | None) -> Mapping[str, float]:
        """How long each server's calls are held, where it says so itself."""
        found: dict[str, float] = {}
        for name, member in (node.value if node is not None and isinstance(node.value, dict) else {}).items():
            own = member.value.get("approvals") if isinstance(member.value, dict) else None
            if (hold := self._approvals.hold_of(own)) is not None:
                found[name] = hold
        return found

    def _server(self, name: str, node: Node) -> ServerSettings:
        fields = self._proof.fields(node, _SERVER)
        if isinstance(node.value, dict) and ("command" in fields) == ("url" in fields):
            self._proof.refuse(node, f"server `{name}` needs either `command` or `url`")
        for key in ("headers", "transport") if "command" in fields else ("env", "cwd", "share"):
            if key in fields:
                self._proof.refuse(fields[key], f"`{key}` means nothing for a server with a {self._kind(fields)}")
        policy, cwd = fields.get("policy"), fields.get("cwd")
        return ServerSettings(
            name=name,
            command=self._command(fields.get("command")),
            env=self._strings(fields.get("env")),
            cwd=None if cwd is None else self._path(self._text(cwd)),
            share=self._proof.flag(fields["share"]) or False if "share" in fields else False,
            url=self._url(fields.get("url")),
            headers=self._headers(fields.get("headers")),
            policy=None if policy is None else self._path(self._text(policy)),
            timeout=self._timeout(fields.get("timeout")),
            transport=self._transport(fields.get("transport"), fields.get("url")),
            on_drift=self._on_drift(fields.get("on_drift")),
            failures=self._patterns(fields.get("failures")),
        )

    def _on_drift(self, node: Node | None) -> OnDrift | None:
        said = None if node is None else self._proof.choice(node, list(OnDrift))
        return None if said is None else OnDrift(said)

    def _patterns(self, node: Node | None) -> tuple[str, ...]:
        """Texts as they are written: `$` has a meaning of its own in a pattern."""
        items = () if node is None else self._proof.sequence(node, "a list of patterns") or ()
        for item in items:
            if problem := pattern_problem(self._proof.text(item) or ""):
                self._proof.refuse(item, *problem)
        return tuple(self._proof.text(item) or "" for item in items)

    def _transport(self, node: Node | None, url: Node | None) -> str:
        if node is not None:
            return self._proof.choice(node, TRANSPORTS, "transport") or "http"
        return "http" if url is None else transport_of(self._text(url))

    def _timeout(self, node: Node | None) -> float:
        seconds = None if node is None else self._proof.whole(node, minimum=1)
        return ServerSettings("").timeout if seconds is None else seconds

    def _kind(self, fields: Mapping[str, Node]) -> str:
        return "`command`" if "command" in fields else "`url`"

    def _command(self, node: Node | None) -> tuple[str, ...]:
        if node is None:
            return ()
        items = self._proof.sequence(node, "a list: the program, then its arguments")
        if items is not None and not items:
            self._proof.refuse(node, "is empty", "a list: the program, then its arguments")
        return tuple(self._text(item) for item in items or ())

    def _url(self, node: Node | None) -> str | None:
        if node is None:
            return None
        url = self._text(node)
        try:
            parts = urlsplit(url)
            is_usable = (
                parts.scheme in ("http", "https") and parts.hostname and not parts.username and (parts.port or 1)
            )
        except ValueError:
            is_usable = False
        if not is_usable:
            self._proof.refuse(node, f"`{url}` is no http:// or https:// address without credentials")
        return url

    def _headers(self, node: Node | None) -> Mapping[str, str]:
        headers = self._strings(node)
        for name, value in headers.items():
            is_clean = _HEADER_NAME.fullmatch(name) and _is_header_value(value)
            if node is not None and not is_clean:
                self._proof.refuse(node, f"header `{name}` has a name or value that HTTP does not allow")
        return headers

    def _strings(self, node: Node | None) -> Mapping[str, str]:
        members = {} if node is None else self._proof.mapping(node, "a mapping of names to strings") or {}
        return {name: self._text(member) for name, member in members.items()}

    def _texts(self, node: Node | None) -> tuple[str, ...]:
        items = () if node is None else self._proof.sequence(node, "a list of strings") or ()
        return tuple(self._text(item) for item in items)

    def _text(self, node: Node, *, is_needed: bool = False) -> str:
        """A string with its `${…}` filled in; one that is needed must be known even if nothing is started."""
        text = self._proof.text(node) or ""

        def fill(match: re.Match[str]) -> str:
            name = match[1]
            if name not in self._environ:
                if not (self._is_starting or is_needed):
                    return match[0]
                self._proof.refuse(node, f"the environment has no variable `{name}`", "set it before the start")
            return self._environ.get(name, "")

        return _VARIABLE.sub(fill, text)

    def _path(self, text: str) -> Path:
        return (self._directory / Path(text).expanduser()).resolve()


def name_of(command: Sequence[str], url: str | None) -> str:
    """What `ostiary run` calls a server that was given no name: its program's name or its host."""
    text = urlsplit(url).hostname if url else Path(command[0]).name if command else None
    cleaned = re.sub(r"[^A-Za-z0-9._-]+", "-", text or "").strip("-._")
    return cleaned[:64] or "server"


def transport_of(url: str) -> str:
    """How a URL is spoken to where nobody says: one that ends in `/sse` is, by custom, of the first transport."""
    try:
        return "sse" if urlsplit(url).path.endswith("/sse") else "http"
    except ValueError:
        return "http"


def environment(given: Iterable[str], environ: Mapping[str, str] = os.environ) -> Mapping[str, str]:
    """`NAME=VALUE`, or `NAME` for a variable of our own environment, as a mapping."""
    found: dict[str, str] = {}
    for item in given:
        name, is_set, value = item.partition("=")
        if not is_set and name not in environ:
            raise ConfigurationError(f"--env {name}: the environment has no such variable; give --env {name}=VALUE")
        found[name] = value if is_set else environ[name]
    return found


def pattern_problem(pattern: str) -> tuple[str, str] | None:
    """What is wrong with a pattern, and a hint; None where nothing is."""
    from ostiary.policy.pattern import PatternError, compile_pattern

    try:
        compile_pattern(pattern)
    except PatternError as error:
        return f"the pattern does not compile: {error}", "patterns are RE2"
    return None if pattern else ("an empty pattern is in every text", "leave it out")


def headers_of(given: Iterable[str]) -> Mapping[str, str]:
    """`Name: value` lines as a mapping. A value is never part of an error: it may be a secret."""
    found: dict[str, str] = {}
    for line in given:
        name, has_value, value = line.partition(":")
        if not has_value or not _HEADER_NAME.fullmatch(name) or not _is_header_value(value.strip()):
            raise ConfigurationError("--header: write `Name: value`, in printable ASCII")
        found[name] = value.strip()
    return found


def secret_headers(
    named: Iterable[str], bearer: str | None, environ: Mapping[str, str] = os.environ
) -> Mapping[str, str]:
    """Headers whose values are in variables: `HEADER=NAME`, and the variable with the token of `Authorization`."""
    found: dict[str, str] = {}
    for item in named:
        header, _, source = item.partition("=")
        if not source or not _HEADER_NAME.fullmatch(header):
            raise ConfigurationError("--header-env: write HEADER=NAME, with the name of a variable, not its value")
        found[header] = variable(source, f"--header-env {header}", environ).strip()
    if bearer is not None:
        found["Authorization"] = f"Bearer {variable(bearer, '--bearer-env', environ).strip()}"
    if odd := next((header for header, value in found.items() if not _is_header_value(value)), None):
        raise ConfigurationError(f"header `{odd}`: its variable holds what HTTP does not allow in a header")
    return found


def variable(name: str, option: str, environ: Mapping[str, str] = os.environ) -> str:
    """The value of a variable that an option names. Raises `ConfigurationError` where there is none."""
    if not _VARIABLE_NAME.fullmatch(name):
        raise ConfigurationError(f"{option}: what it gives is no name of a variable")
    if name not in environ:
        raise ConfigurationError(f"{option}: the environment has no variable `{name}`; set it before the start")
    return environ[name]


def _is_header_value(value: str) -> bool:
    return value.isascii() and value.isprintable()
