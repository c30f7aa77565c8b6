"""What a server deals in, from its name and its tools' names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from ostiary.model import Tool
from ostiary.risk.names import tokens
from ostiary.risk.nouns import TRADES, Trade, things
from ostiary.risk.verbs import STRICT

__all__ = ["Context", "Surroundings", "context", "surroundings"]


class Context(msgspec.Struct, frozen=True):
    """`prefixes` are words that say nothing in a tool's name, as they are the server's; `names` are those of all its
    tools; `stems` what names begin with that end in an action; `server` the words of the server's own name."""

    trades: frozenset[Trade]
    prefixes: frozenset[str]
    names: frozenset[str]
    stems: frozenset[tuple[str, ...]]
    server: frozenset[str]


_MOST: Final = 1000

_COMPOUNDS: Final = {
    "homeassistant": Trade.DEVICE,
    "appletv": Trade.DEVICE,
    "browseruse": Trade.BROWSER,
    "devtools": Trade.BROWSER,
    "playwright": Trade.BROWSER,
    "puppeteer": Trade.BROWSER,
    "codesandbox": Trade.TERMINAL,
}
_TELLING: Final = {
    Trade.BROWSER: frozenset({"browser", "puppeteer", "playwright"}),
    Trade.DEVICE: frozenset(
        {
            "mouse",
            "minimize",
            "maximize",
            "hotkey",
            "keyboard",
            "adb",
            "simulator",
            "playback",
            "thermostat",
            "garage",
            "hvac",
            "lights",
            "bulb",
        }
    ),
    Trade.MARKET: frozenset(
        {
            "orderbook",
            "ticker",
            "portfolio",
            "swap",
            "wallet",
            "erc20",
            "nft",
            "onchain",
            "defi",
            "futures",
            "liquidity",
            "leverage",
        }
    ),
    Trade.MONEY: frozenset({"payment", "refund", "invoice", "payout", "checkout", "chargeback"}),
}


class Surroundings(msgspec.Struct, frozen=True):
    """What the tools of a server have in common, worked out once for all of them."""

    trades: frozenset[Trade]
    prefixes: frozenset[str]
    names: frozenset[str]
    stems: frozenset[tuple[str, ...]]
    server: frozenset[str]


def surroundings(server: str, tools: Sequence[Tool]) -> Surroundings:
    """What a server's name and its tools' names tell; names beyond the first thousand are not looked at."""
    words = tokens(server)
    joined = "".join(words)
    trades = {trade for trade, known in TRADES.items() if not known.isdisjoint(words)}
    trades.update(trade for compound, trade in _COMPOUNDS.items() if compound in joined)
    listed = [tokens(tool.name) for tool in tools[:_MOST]]
    counted = Counter(word for words in listed for word in set(words))
    trades.update(trade for trade, known in _TELLING.items() if any(counted[word] >= 2 for word in known))
    firsts = Counter(words[0] for words in listed if words)
    shared = {
        word
        for word, count in firsts.items()
        if (len(listed) >= 4 and count >= 0.8 * len(listed) and STRICT.get(word, -1) < 1)
        or _is_noun(word, listed, words)
    }
    prefixes = {word for word in words if word not in STRICT} | shared
    names = frozenset(tool.name for tool in tools)
    return Surroundings(frozenset(trades), frozenset(prefixes), names, frozenset(_stems(listed)), frozenset(words))


def context(tool: Tool, around: Surroundings) -> Context:
    """What is known when one of the tools is read."""
    own = tokens(tool.name)[:1]
    trades = {trade for trade, known in _TELLING.items() if not known.isdisjoint(own)}
    return Context(around.trades | trades, around.prefixes, around.names, around.stems, around.server)


def _stems(listed: Sequence[Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """What two names or more begin with whose last word is the action: `swift package` of `…_build` and `…_stop`."""
    ends: dict[tuple[str, ...], set[str]] = {}
    for words in listed:
        if len(words) > 1 and words[-1] in STRICT and all(STRICT.get(word, 0) == 0 for word in words[:-1]):
            ends.setdefault(tuple(words[:-1]), set()).add(words[-1])
    yield from (stem for stem, verbs in ends.items() if len(verbs) > 1 and any(STRICT[verb] == 2 for verb in verbs))


def _is_noun(word: str, listed: Sequence[Sequence[str]], server: Sequence[str]) -> bool:
    """Whether other names use a word that could be a verb as a noun: `set_add`, `list_append`, `deploy_logs_get`."""
    if word != "set" and word not in server and STRICT.get(word, 2) == 2:
        return False
    return sum(words[0] == word and _acts(words) for words in listed if words) >= 2


def _acts(words: Sequence[str]) -> bool:
    """Whether a verb that is no noun stands second or last."""
    return len(words) > 1 and (words[1] in _ACTS or words[-1] in _ACTS)


_ACTS: Final = things(
    "add append remove delete set pop push insert trim move clear prepend get create update generate read start stop "
    "cancel"
)
