"""What a tool's input schema shows: operations to choose from, and arguments that carry code, paths, money, secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from ostiary.model import JSON, JSONObject
from ostiary.risk.names import tokens
from ostiary.risk.nouns import things

__all__ = ["Argument", "arguments", "choices", "is_selector", "signals"]

_MOST: Final = 200


class Argument(msgspec.Struct, frozen=True):
    """One argument as far as it matters here; `values` are those of its `enum` or `const`s."""

    name: str
    words: tuple[str, ...]
    kind: str
    description: str
    values: tuple[str, ...]


def arguments(schema: JSONObject | None) -> list[Argument]:
    """The top-level arguments, and those of alternatives (`oneOf`, `anyOf`, `allOf`); references are not followed."""
    if schema is None:
        return []
    found: dict[str, Argument] = {}
    for part in _parts(schema):
        properties = part.get("properties")
        if isinstance(properties, Mapping):
            for name, definition in list(properties.items())[:_MOST]:
                if name not in found:
                    found[name] = _argument(name, definition)
    return list(found.values())


def _parts(schema: JSONObject) -> Iterator[JSONObject]:
    yield schema
    for key in ("oneOf", "anyOf", "allOf"):
        inner = schema.get(key)
        if isinstance(inner, Sequence) and not isinstance(inner, str):
            yield from (part for part in inner[:50] if isinstance(part, Mapping))


def _argument(name: str, definition: JSON) -> Argument:
    if not isinstance(definition, Mapping):
        return Argument(name, tuple(tokens(name)), "", "", ())
    kind, description = definition.get("type"), definition.get("description")
    return Argument(
        name,
        tuple(tokens(name)),
        kind if isinstance(kind, str) else "",
        description if isinstance(description, str) else "",
        tuple(_values(definition)),
    )


def _values(definition: JSONObject) -> Iterator[str]:
    for part in _parts(definition):
        values = part.get("enum")
        if isinstance(values, Sequence) and not isinstance(values, str):
            yield from (value for value in values[:60] if isinstance(value, str))
        const = part.get("const")
        if isinstance(const, str):
            yield const


_SELECTORS: Final = things(
    "action actions operation operations op method mode command cmd verb task subcommand activity intent event_action"
)


def is_selector(argument: Argument) -> bool:
    """Whether an argument is called what selects an operation is called."""
    return bool(argument.words) and argument.words[-1] in _SELECTORS


_LISTED: Final = re.compile(r"['\"`]([a-z][a-z_\-]{1,30})['\"`]")


def choices(argument: Argument) -> tuple[str, ...]:
    """The operations that an argument selects from; empty if it selects none."""
    if not is_selector(argument):
        return ()
    return argument.values or tuple(dict.fromkeys(_LISTED.findall(argument.description[:600])))


_CODE: Final = things(
    "code script javascript js python expression function source_code snippet program evaluate jscode"
)
_COMMAND: Final = things("command cmd shell bash powershell args_line cli commands commandline argv")
_SQL: Final = things("sql cypher statement statements dml ddl aql gremlin graphql mutation")
_QUERY: Final = things("query filter where jql cql soql dql kql promql logql pipeline aggregation")
_PATH: Final = things("path file filepath filename directory dir folder paths files")
_URL: Final = things("url uri urls endpoint webhook href link host")
_SECRET: Final = things(
    "password passwd secret apikey token credential credentials passphrase privatekey mnemonic pin cvv"
)
_SECRET_LAST: Final = _SECRET - {"token", "pin"}
_MONEY: Final = things("amount currency price notional qty")
_FORCE: Final = things("force recursive permanent hard cascade overwrite purge")
_CONFIRM: Final = things("confirm confirmed confirmation")
_DRY: Final = things("dryrun dry")


_FREE: Final = (
    ("free-form:code", _CODE),
    ("free-form:command", _COMMAND),
    ("free-form:path", _PATH),
    ("free-form:url", _URL),
)
_FLAGS: Final = (("force", _FORCE), ("confirm", _CONFIRM), ("dry-run", _DRY))
_CODED: Final = things(
    "language lang country currency zip postal status error promo coupon area airport station exchange product "
    "verification auth authorization qr invite discount iata symbol region locale state reason security "
    "confirmation"
)
_NO_TARGETS: Final = things("fields columns tags labels includes")


def signals(found: Sequence[Argument]) -> tuple[str, ...]:
    """What the arguments say besides the class, in their order: `free-form:code`, `credential`, `bulk`, …"""
    return tuple(dict.fromkeys(signal for argument in found for signal in _signals(argument)))


def _signals(argument: Argument) -> Iterator[str]:
    words, joined = set(argument.words), "".join(argument.words)
    last = argument.words[-1] if argument.words else ""
    if (
        argument.kind in ("string", "")
        and not argument.values
        and not (last == "code" and set(argument.words) & _CODED)
    ):
        yield from (signal for signal, known in _FREE if last in known or joined in known)
        if words & _SQL:
            yield "free-form:sql"
        elif last in _QUERY:
            yield "free-form:query"
    if (
        last in _SECRET - {"token", "pin"}
        or joined in _SECRET
        or joined.endswith(("apikey", "accesstoken", "privatekey"))
    ):
        yield "credential"
    if words & _MONEY and argument.kind in ("number", "integer", "string", ""):
        yield "amount"
    if argument.kind == "array" and last.endswith("s") and last not in _NO_TARGETS:
        yield "bulk"
    if argument.kind in ("boolean", ""):
        yield from (signal for signal, known in _FLAGS if words & known)
