"""Whether a server still defines its tools as they were approved.

What counts is the list of the session that calls: a server may show one session another definition than the next. A
session whose list nobody has seen, or not lately, or not since the server said that it has changed, is asked first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias
from weakref import WeakValueDictionary

import msgspec

from ostiary.enforcement.drift import Drift, DriftKind
from ostiary.enforcement.drift_news import DriftNews
from ostiary.enforcement.inquiry import tool_from
from ostiary.errors import UpstreamError
from ostiary.model import JSONObject, Tool
from ostiary.pins.pinned import OnDrift, Pinned
from ostiary.ports import Clock, Origin
from ostiary.wire import lists
from ostiary.wire.era import META_CAPABILITIES, META_CLIENT, META_VERSION
from ostiary.wire.message import Request

FRESH: Final = 60 * 10**9
"""Nanoseconds after which a session's list is asked for again before a call: few servers say when it changes."""
MOST: Final = 4096
"""Sessions whose lists are kept, and definitions whose digest is."""

MOST_STRANGE: Final = 1000
"""Definitions that are not as approved, kept for each session; of further ones only the digest is."""

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")

Place: TypeAlias = "tuple[str, bytes, str]"


class Listing(msgspec.Struct):
    """What one session was listed until `until`: each name's digest, empty where it stands for two definitions, and the
    definitions that are not as approved. `is_whole` where the gate has asked for all of it."""

    until: int
    digests: dict[str, str] = {}
    strange: dict[str, JSONObject] = {}
    is_whole: bool = False


class Pins:
    """The pins of one server's gate; `pinned` gives those in force, None where the server is not pinned."""

    def __init__(self, server: str, pinned: Callable[[], Pinned | None], news: DriftNews, clock: Clock) -> None:
        self._server = server
        self._pinned = pinned
        self._news = news
        self._clock = clock
        self._listings: dict[Place, Listing] = {}
        self._asking: WeakValueDictionary[Place, asyncio.Lock] = WeakValueDictionary()
        self._digests: dict[bytes, str] = {}
        self._classed: dict[str, Tool] = {}

    @property
    def in_force(self) -> Pinned | None:
        return self._pinned()

    def forget(self) -> None:
        """Any list may have changed, or what is approved: all are asked for again."""
        self._listings.clear()
        self._classed.clear()

    def leave(self, origin: Origin) -> None:
        """The session is over."""
        for at in [at for at in self._listings if at[:2] == (origin.principal, origin.session)]:
            del self._listings[at]

    def learn(
        self, page: lists.Definitions, request: Request, origin: Origin, *, is_first: bool, is_whole: bool
    ) -> None:
        """Take in a page of the session's list; `is_whole` with the last one, where all were seen."""
        pinned = self._pinned()
        listing = None if pinned is None else self._listing(session_of(request, origin), is_first=is_first)
        if pinned is None or listing is None:
            return
        for raw, definition in page:
            name, digest = str(definition["name"]), self._digest(raw, definition)
            listing.digests[name] = digest if listing.digests.get(name, digest) == digest else ""
            pin = pinned.pins.get(name)
            if pin is None or pin.digest != digest:
                if len(listing.strange) < MOST_STRANGE:
                    listing.strange[name] = definition
                self._news.note(pin, name, digest, definition, origin.principal)
        listing.is_whole = is_whole
        self._news.tell(pinned.on_drift)

    def knows(self, name: str, at: Place) -> bool:
        """Whether the session was listed the tool of late, or all tools and this one was not among them."""
        listing = self._listings.get(at)
        if listing is None or self._clock.now() >= listing.until:
            return False
        return listing.is_whole or name in listing.digests

    async def attend(self, name: str, at: Place, ask: Callable[[], Awaitable[object]], *, anew: bool) -> None:
        """Have the session's list asked for; unless it is wanted `anew`, once for all calls that wait for it together.

        Raises `UpstreamError` where the server does not say; a server that is only to be warned of passes.
        """
        async with self._asking.setdefault(at, asyncio.Lock()):
            if not anew and self.knows(name, at):
                return
            try:
                await ask()
            except UpstreamError:
                self._listings.pop(at, None)
                pinned = self._pinned()
                if pinned is None or pinned.on_drift is not OnDrift.WARN:
                    raise

    def drift(self, name: str, at: Place) -> Drift | None:
        """How the tool is not as it was approved, by what was last listed to the session; None where it is."""
        pinned = self._pinned()
        if pinned is None:
            return None
        listing = self._listings.get(at)
        if listing is None:
            return Drift(name, DriftKind.UNSURE)
        pin, digest = pinned.pins.get(name), listing.digests.get(name)
        if pin is None:
            return Drift(name, DriftKind.NEW, digest or None)
        if digest is None:
            return Drift(name, DriftKind.GONE)
        if not digest:
            return Drift(name, DriftKind.TWICE)
        return None if digest == pin.digest else Drift(name, DriftKind.CHANGED, digest)

    def tool(self, name: str, at: Place) -> Tool:
        """The tool of a pinned server as policy is to judge it: as it was approved; one that has drifted as the session
        was listed it, with the worse of both classes."""
        pinned, listing = self._pinned(), self._listings.get(at)
        approved = None if pinned is None else pinned.tools.get(name)
        definition = None if listing is None else listing.strange.get(name)
        if pinned is None or listing is None or definition is None or not listing.digests[name]:
            return approved or Tool(name, self._server)
        return self._classified(pinned, definition, listing.digests[name])

    def shown(self, raw: bytes, definition: JSONObject) -> bytes | None:
        """What an agent is shown of an item of a list: it as it came, the approved definition, or nothing. What nobody
        has looked at is shown to no model, unless drift is only to be warned of."""
        pinned = self._pinned()
        if pinned is None or pinned.on_drift is OnDrift.WARN:
            return raw
        pin = pinned.pins.get(str(definition["name"]))
        if pin is not None and pin.digest == self._digest(raw, definition):
            return raw
        if pin is None or pinned.on_drift is not OnDrift.REQUIRE_APPROVAL:
            return None
        return _ENCODER.encode(pin.definition)

    def seen_as(self, raw: bytes, definition: JSONObject) -> Tool | None:
        """The tool that policy is to judge an item by that is `shown`; None where the server is not pinned."""
        pinned = self._pinned()
        if pinned is None:
            return None
        approved, digest = pinned.tools.get(str(definition["name"])), self._digest(raw, definition)
        if approved is not None and (approved.digest == digest or pinned.on_drift is not OnDrift.WARN):
            return approved
        return self._classified(pinned, definition, digest)

    def _listing(self, at: Place, *, is_first: bool) -> Listing | None:
        """The session's listing, begun anew with a first page; a later page alone says nothing."""
        if is_first:
            while len(self._listings) >= MOST:
                del self._listings[next(iter(self._listings))]
            self._listings[at] = Listing(self._clock.now() + FRESH)
        return self._listings.get(at)

    def _digest(self, raw: bytes, definition: JSONObject) -> str:
        known = self._digests.get(raw)
        if known is None:
            from ostiary.risk import digest

            if len(self._digests) >= MOST:
                self._digests.clear()
            known = self._digests[raw] = digest(definition)
        return known

    def _classified(self, pinned: Pinned, definition: JSONObject, digest: str) -> Tool:
        """A definition that was not approved, with its class, or the approved one where that is worse."""
        if digest not in self._classed:
            from ostiary.risk import classify
            from ostiary.risk.pin import worse

            tool = tool_from(definition, self._server)
            risk = classify(tool, tuple(pinned.tools.values()))
            risk_class, severity = worse(risk, pinned.pins.get(tool.name))
            if len(self._classed) >= MOST:
                self._classed.clear()
            self._classed[digest] = msgspec.structs.replace(
                tool, risk_class=risk_class.value, severity=severity.value, digest=digest
            )
        return self._classed[digest]


def session_of(request: Request, origin: Origin) -> Place:
    """Whose list it is: a principal's, and the session's that its messages name. Without sessions a server may list to
    each client what that client is able to do."""
    meta = request.params.get("_meta")
    if not isinstance(meta, Mapping) or META_VERSION not in meta:
        return origin.principal, origin.session, ""
    return origin.principal, origin.session, f"{meta.get(META_CLIENT)} {meta.get(META_CAPABILITIES)}"
