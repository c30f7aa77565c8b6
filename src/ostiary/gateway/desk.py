"""Where people answer over HTTP: the interface under `/api/v1/approvals`, signed links, and webhooks that come back.

Plain ASGI, and imported when the first such request comes. Whoever asks says who they are: an operator's token, a link
that we signed, or a message that a target signed. A GET never answers.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from ostiary.approvals import NO_PATTERN, Case, NotPossible, Pattern, as_json
from ostiary.asking.links import Signer, check_message
from ostiary.asking.questions import Questions, Reply
from ostiary.asking.settings import Target
from ostiary.errors import StoreError
from ostiary.gateway import answers_page
from ostiary.ledger.canonical import escape
from ostiary.ports import Clock, ErrandStore, Headers, OperatorStore

API: Final = "/api/v1/approvals"
WEBHOOKS: Final = "/api/v1/webhooks/"
PAGES: Final = "/approvals/"
LARGEST: Final = 64 * 1024
_JSON: Final[Headers] = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Answered(msgspec.Struct, frozen=True):
    """A whole HTTP answer."""

    status: int
    headers: Headers
    body: bytes


class Turned(Exception):
    """The request goes no further; `status` and the text say why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"valid_for": "for"}):
    """The body of an answer; `for` is in seconds."""

    note: str = ""
    uses: int | None = None
    valid_for: int | None = None
    where: str | None = None
    spend: Decimal | None = None

    @property
    def pattern(self) -> Pattern:
        span = None if self.valid_for is None else self.valid_for * 10**9
        made = Pattern(self.uses, span, self.where, self.spend)
        return NO_PATTERN if made == NO_PATTERN else made


class Message(msgspec.Struct, frozen=True):
    """What a target sends back."""

    approval: str
    answer: str
    by: str
    note: str = ""


class Asking(msgspec.Struct, frozen=True):
    """One request, as far as it matters here."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class Desk:
    """`targets` are those whose signed messages are taken, by name."""

    def __init__(
        self,
        questions: Questions,
        operators: OperatorStore,
        errands: ErrandStore,
        signer: Signer,
        targets: Mapping[str, Target],
        clock: Clock,
    ) -> None:
        self._questions = questions
        self._operators = operators
        self._errands = errands
        self._signer = signer
        self._targets = targets
        self._clock = clock

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        answered = await self._answered(scope, receive)
        length = (b"content-length", b"%d" % len(answered.body))
        await send({"type": "http.response.start", "status": answered.status, "headers": (*answered.headers, length)})
        await send({"type": "http.response.body", "body": answered.body})

    async def _answered(self, scope: Mapping[str, Any], receive: Receive) -> Answered:
        is_page = scope["path"].startswith(PAGES)
        try:
            asking = await _read(scope, receive)
            if is_page:
                return await self._page(asking)
            if asking.path.startswith(WEBHOOKS):
                return await self._webhook(asking)
            return await self._api(asking)
        except Turned as turned:
            status, why = turned.status, str(turned)
        except NotPossible as error:
            status, why = 404 if str(error).startswith("there is no approval") else 409, str(error)
        except StoreError:
            status, why = 503, "the approvals cannot be read or written now; try again later"
        if is_page:
            return Answered(status, answers_page.HEADERS, answers_page.notice(why[:1].upper() + why[1:] + "."))
        more: Headers = ((b"www-authenticate", b'Bearer realm="ostiary operators"'),) if status == 401 else ()
        return Answered(status, (*_JSON, *more), msgspec.json.encode({"error": why}))

    async def _api(self, asking: Asking) -> Answered:
        scheme, _, token = asking.headers.get("authorization", "").partition(" ")
        by = self._operator(token.strip() if scheme.lower() == "bearer" else "")
        rest = asking.path.removeprefix(API).strip("/").split("/")
        match asking.method, [part for part in rest if part]:
            case "GET", []:
                every = asking.query.get("state") == "all"
                cases = await self._questions.store.cases(only_open=not every)
                return _json([as_json(case, self._clock.now()) for case in cases])
            case "GET", [id]:
                return self._shown(await self._questions.show(id, by, "api"))
            case "POST", [id, ("approve" | "refuse" | "revoke") as word]:
                wish = _wish(asking)
                if word == "revoke":
                    return self._shown(await self._questions.revoke(id, by, "api", wish.note))
                reply = Reply(by, "api", word == "approve", wish.note, wish.pattern)
                return self._shown(await self._questions.answer(id, reply))
            case "GET" | "POST", _:
                raise Turned(404, f"nothing is here; {API}[/ID[/approve|refuse|revoke]]")
            case _:
                raise Turned(405, "GET shows, POST answers")

    async def _webhook(self, asking: Asking) -> Answered:
        if asking.method != "POST":
            raise Turned(405, "webhooks are posted")
        target = self._targets.get(asking.path.removeprefix(WEBHOOKS))
        id, now = asking.headers.get("webhook-id", ""), self._clock.now()
        stamp, signature = (asking.headers.get(f"webhook-{name}", "") for name in ("timestamp", "signature"))
        if target is None or not target.secret:
            raise Turned(401, "nobody of that name may answer here")
        wrong = check_message(target.secret, id, stamp, signature, asking.body, now)
        if wrong is not None:
            raise Turned(401, f"this message is not taken: {wrong}")
        try:
            message = msgspec.json.decode(asking.body, type=Message)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Turned(400, f"send {{approval, answer, by}}: {error}") from None
        if message.answer not in ("approve", "refuse") or not message.by or len(message.by) > 128:
            raise Turned(400, "`answer` is approve or refuse, and `by` says who it was")
        if not self._errands.hear(f"{target.name}/{id}", now):
            raise Turned(409, "this message was taken before")
        who = f"webhook:{target.name}/{message.by}"
        reply = Reply(who, "webhook", message.answer == "approve", message.note)
        return self._shown(await self._questions.answer(message.approval, reply))

    async def _page(self, asking: Asking) -> Answered:
        id = asking.path.removeprefix(PAGES)
        if id == "style.css" and asking.method == "GET":
            return Answered(200, answers_page.STYLE_HEADERS, answers_page.STYLE)
        match asking.method:
            case "GET" | "HEAD":
                if not asking.query:
                    return Answered(200, answers_page.HEADERS, answers_page.entrance())
                by = self._holder("link", id, asking.query, "to", "signature")
                return await self._question(id, by)
            case "POST":
                _same_origin(asking)
                fields = _fields(asking.body)
                if "token" in fields:
                    return await self._question(id, self._operator(fields["token"]))
                return await self._answer(id, fields)
            case _:
                raise Turned(405, "a page is looked at, and its form is posted")

    async def _question(self, id: str, by: str) -> Answered:
        case = await self._questions.show(id, by, "link")
        now = self._clock.now()
        return Answered(200, answers_page.HEADERS, answers_page.question(case, now, self._signer.ticket(id, by, now)))

    async def _answer(self, id: str, fields: Mapping[str, str]) -> Answered:
        by = self._holder("ticket", id, fields, "by", "ticket")
        word = fields.get("answer")
        if word not in ("approve", "refuse"):
            raise Turned(400, "press one of the two buttons")
        case = await self._questions.answer(id, Reply(by, "link", word == "approve", fields.get("note", "")[:500]))
        return Answered(200, answers_page.HEADERS, answers_page.question(case, self._clock.now(), {}))

    def _holder(self, kind: str, id: str, said: Mapping[str, str], by: str, signature: str) -> str:
        """Who it is that brings a link or a ticket."""
        who = said.get(by, "")
        wrong = self._signer.opens(kind, id, who, said.get("until", ""), said.get(signature, ""), self._clock.now())
        if wrong is not None:
            raise Turned(403, wrong)
        if who.startswith("operator:") and not self._operators.is_live(
            who.removeprefix("operator:"), self._clock.now()
        ):
            raise Turned(403, "this operator's token has ended")
        return who

    def _operator(self, token: str) -> str:
        operator = self._operators.authenticate(token, self._clock.now())
        if operator is None:
            raise Turned(401, "an operator's token is needed: `ostiary operator create`")
        return operator.principal

    def _shown(self, case: Case) -> Answered:
        return _json(as_json(case, self._clock.now()))


def _json(document: object) -> Answered:
    return Answered(200, _JSON, escape(msgspec.json.encode(document)))


def _wish(asking: Asking) -> Wish:
    kind = asking.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not asking.body:
        return Wish()
    if kind != "application/json":
        raise Turned(415, "Content-Type must be application/json")
    try:
        wish = msgspec.json.decode(asking.body, type=Wish)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Turned(400, f"this body is no answer: {error}") from None
    if (wish.uses is not None and wish.uses < 1) or (
        wish.valid_for is not None and not 0 < wish.valid_for <= 366 * 86400
    ):
        raise Turned(400, "`uses` is at least 1, `for` between a second and a year")
    if wish.spend is not None and not wish.spend.is_finite():
        raise Turned(400, "`spend` is an amount")
    return wish


def _same_origin(asking: Asking) -> None:
    """A browser says where a form came from; another page's is not taken."""
    origin, site = asking.headers.get("origin"), asking.headers.get("sec-fetch-site", "same-origin")
    is_ours = origin is None or origin.partition("://")[2] == asking.headers.get("host")
    if not is_ours or site not in ("same-origin", "none"):
        raise Turned(403, "this form came from another page")


def _fields(text: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(text.decode(errors="replace"), max_num_fields=16))
    except ValueError:
        raise Turned(400, "there are more fields than this has") from None


async def _read(scope: Mapping[str, Any], receive: Receive) -> Asking:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query = _fields(scope["query_string"])
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise Turned(400, "the request ended before its body")
        parts.append(event.get("body", b""))
        size += len(parts[-1])
        more = event.get("more_body", False)
        if size > LARGEST:
            raise Turned(413, f"a body may have {LARGEST} bytes")
    return Asking(scope["method"], scope["path"], query, headers, b"".join(parts))
