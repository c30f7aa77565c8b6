"""`ostiary.yaml` → settings. Strict, with places.

`${NAME}` stands for an environment variable, in this file only and once, when it is read: nothing that an agent or a
server says is ever expanded.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from ostiary.asking.settings import ApprovalReader
from ostiary.errors import ConfigurationError, Problem
from ostiary.pins.pinned import OnDrift
from ostiary.policy.document import Node, Proofreader, read
from ostiary.settings.given import HEADER_NAME, is_header_value, pattern_problem, transport_of
from ostiary.settings.values import Bounds, ServerSettings, Settings

__all__ = ["DEFAULT_FILE", "LOCK_NAME", "NAME", "NAME_HINT", "SERVER_KEYS", "TOP_KEYS", "TRANSPORTS", "load", "parse"]

DEFAULT_FILE: Final = Path("ostiary.yaml")
LOCK_NAME: Final = "ostiary.lock"
"""The lock that is used where a configuration names none, if it lies beside it."""
DEFAULT_LISTEN: Final = "127.0.0.1:8417"

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What a server may be called."""
NAME_HINT: Final = "use letters, digits, `.`, `_` and `-`, 64 at most"
TRANSPORTS: Final = ("http", "sse")

TOP_KEYS: Final = (
    *("listen", "state", "hosts", "origins", "metrics", "limits", "approvals", "gateways", "servers"),
    "pins",
)
SERVER_KEYS: Final = (
    *("command", "env", "cwd", "share", "url", "headers", "policy", "timeout", "approvals", "transport"),
    *("on_drift", "failures"),
)

_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")


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
        fields = self._proof.fields(root, TOP_KEYS, required=("servers",))
        host, port = self._listen(fields.get("listen"))
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
        text = (None if node is None else self._text(node)) or DEFAULT_LISTEN
        host, _, port = text.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if node is not None and (not host or not port.isdigit() or int(port) > 65535):
            self._proof.refuse(node, f"`{text}` is no HOST:PORT", f"for example {DEFAULT_LISTEN}")
            return "127.0.0.1", 0
        return host, int(port)

    def _state(self, node: Node | None) -> Path:
        text = "./state" if node is None else self._text(node, is_needed=True)
        if node is not None and "://" in text:
            self._proof.refuse(node, f"`{text}` is an address; state is kept in a directory", "for example ./state")
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
        fields = self._proof.fields(node, SERVER_KEYS)
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
            if not isinstance(item.value, str):
                self._proof.mistyped(item, "a pattern")
            elif problem := pattern_problem(item.value):
                self._proof.refuse(item, *problem)
        return tuple(str(item.value) for item in items)

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
            is_clean = HEADER_NAME.fullmatch(name) and is_header_value(value)
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
