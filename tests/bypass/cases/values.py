"""8 and 9: arguments that are more than they seem to a rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.bypass.ground import Ground, case, messages
from tests.bypass.message import LIMITED, MATCHED, PATTERN, Attempt, Era, call, describing, new_mark, text

_EXCESSIVE: Final = (
    '"500"', '"499"', '" 500"', '"５００"', '"0x1f4"', '"5e2"', "[500]", '{"":500}', "{}", "true", "false", "null",
    "501", "500.0000000000000001", "5.000000000000000001e2", "1e3", "1e400", "-1e400", "NaN", "Infinity",
    "9007199254740993", "9223372036854775808", "18446744073709551616", "1e308", "500e0001", "50000000000000000000e-1",
    "0500", "+500", "0x10", "500_000", '"NaN"', "[]", '["amount"]', "500,\"amount\":501", "1.8e308",
)  # fmt: skip
_WITHIN: Final = ("500", "500.0", "5e2", "0", "-1", "-0", "0.1", "499.99", "1e-300")
_REFUSED_VALUES: Final = (
    "/srv/data/ok\n", "/srv/data/ok\r\n", "\n/srv/data/ok", "/srv/data/../etc", "/srv/data/..", "/srv/data/%2e%2e/etc",
    "/srv/data/%252e%252e", "/srv/data/..%2fetc", "/srv/data\\..\\etc", "/srv/data/ok\0", "/srv/data/ok\0.png",
    "/srv/data/OK", "/srv/data/ok/../../../etc/passwd", "x/srv/data/ok", "/srv/data/é", "/srv/data/e\u0301",
    "/srv/data/ok ", " /srv/data/ok", "~/srv/data/ok", "file:///srv/data/ok", "/srv//data/ok", "/srv/data/ｏｋ",
    "/srv/data/ok\u2028x", "/srv/data/ok\n/etc", "http://good.test@evil.test/", "http://evil.test#/srv/data/ok",
    "//srv/data/ok", "/srv/./data/ok", "", "/srv/data/", "/srv/data/o\u200bk", "/srv/data/ok;rm", "/srv/data/$(x)",
    "/srv/data/ok|x", "${HOME}", "/srv/data/${HOME}", "/proc/self/environ",
)  # fmt: skip


@messages(
    "8", "a number that is none, or more than it seems: strings, bools, lists, 1e400, 2^53 + 1, NaN, null, absent"
)
def numbers(era: Era) -> Iterator[Attempt]:
    for literal in _EXCESSIVE:
        yield _limited(era, f"amount {literal}", f'{{"mark":"MARK","amount":{literal}}}')
    yield _limited(era, "no amount", '{"mark":"MARK"}')
    yield _limited(era, "amount elsewhere", '{"mark":"MARK","args":{"amount":1},"inner":{"amount":1}}')
    yield _limited(era, "amount by path", '{"mark":"MARK","args.amount":1,"amount ":1}')
    for literal in _WITHIN:
        yield _limited(era, f"amount {literal}", f'{{"mark":"MARK","amount":{literal}}}', must_pass=True)


@messages("9", "a value that only nearly matches: anchors, dots, encodings, NUL, other forms of a letter, hosts")
def values(era: Era) -> Iterator[Attempt]:
    for value in _REFUSED_VALUES:
        mark = new_mark()
        message = call(era, MATCHED, {"mark": mark, "value": value}, mark)
        yield Attempt(f"value {value!a}", text(message), mark, describing(era, "tools/call", MATCHED), must_stop=True)
    for kind in (["/srv/data/ok"], {"value": "/srv/data/ok"}, None, True, 1):
        mark = new_mark()
        message = call(era, MATCHED, {"mark": mark, "value": kind}, mark)
        yield Attempt(f"value {kind!a}", text(message), mark, describing(era, "tools/call", MATCHED), must_stop=True)
    mark = new_mark()
    message = call(era, MATCHED, {"mark": mark, "value": "/srv/data/ok"}, mark)
    yield Attempt("the right value", text(message), mark, describing(era, "tools/call", MATCHED), must_pass=True)


@case("9", "a pattern that would take others for ever is decided at once, 100 kB long")
async def backtracking(ground: Ground) -> None:
    place = ground.stand.recorder.place
    for word in ("a" * 100_000 + "!", "a" * 100_000, "a" * 5_000 + "\n"):
        answer = await ground.agent.ask(call(ground.era, PATTERN, {"value": word}), patience=30)
        ground.expect(answer is not None, f"no decision about {len(word)} characters")
    ground.look(place)


def _limited(era: Era, label: str, arguments: str, *, must_pass: bool = False) -> Attempt:
    mark = new_mark()
    body = text(call(era, LIMITED, {"HERE": 1}, mark)).replace(b'{"HERE":1}', arguments.replace("MARK", mark).encode())
    return Attempt(
        label, body, mark, describing(era, "tools/call", LIMITED), must_pass=must_pass, must_stop=not must_pass
    )
