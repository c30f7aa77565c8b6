"""Who asks for what: one tool call on its way through, and everything a policy may ask about it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ostiary.model.json import JSONObject


class Principal(msgspec.Struct, frozen=True):
    """Who is asking, as Ostiary knows it; never something the caller chose.

    `id` is stable: `grant:<id>` over HTTP, `local:<user>` over stdio and for loopback without grants.
    """

    id: str
    grant: str | None = None
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    claims: JSONObject = {}


class Client(msgspec.Struct, frozen=True):
    """What the agent's software says of itself. Self-reported: for people and the ledger.

    `abilities` are those that approvals can use: `form` and `url` (elicitation), `tasks` (the extension).
    """

    name: str = ""
    version: str = ""
    abilities: tuple[str, ...] = ()


class Session(msgspec.Struct, frozen=True):
    """The agent's session: the grant it presents, or over stdio the server entry and local user.

    `started` is Unix time in nanoseconds; `calls` counts the calls judged before this one.
    """

    id: str
    started: int = 0
    calls: int = 0
    labels: tuple[str, ...] = ()


class Tool(msgspec.Struct, frozen=True):
    """A tool as its server defines it. `risk_class` and `severity` are known once the tool is pinned or declared;
    `digest` names its whole definition, and is empty where nobody asked for it."""

    name: str
    server: str = ""
    description: str = ""
    input_schema: JSONObject | None = None
    annotations: Mapping[str, object] = {}
    risk_class: str | None = None
    severity: str | None = None
    digest: str = ""


class Call(msgspec.Struct, frozen=True):
    """One tool call. `at` is Unix time in nanoseconds."""

    tool: Tool
    arguments: JSONObject
    principal: Principal
    client: Client
    session: Session
    at: int

    @property
    def server(self) -> str:
        return self.tool.server
