# ruff: noqa: INP001, T201  # a script of its own, which prints
"""Weigh words by where they stand: in orders to a model, or in honest definitions.

`python scripts/weigh_words.py FOLDER` reads `tests/corpus/tools/poisoned.txt` and the real definitions in FOLDER
(`labelled_tools.jsonl` and `annotated_tools.jsonl`; by default `../shared/data/risk`) and in `tools/` beside it, writes
`src/ostiary/risk/rules/weights.py`, and says how well the weights do on texts and servers they were not made from. A
weight is the logarithm of how much more often the words stand in orders; nothing else is learned.
"""

from __future__ import annotations

import codecs
import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from ostiary.model import JSONObject
from ostiary.risk.rules.passages import passages
from ostiary.risk.rules.tenor import THRESHOLD, spoken, tenor

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT.parent / "shared" / "data" / "risk"
OUT: Final = ROOT / "src" / "ostiary" / "risk" / "rules" / "weights.py"
FOLDS: Final = 5
STEPS: Final = 4
LEAST: Final = 2
"""In how many poisoned texts words must stand to be weighed at all."""

HEAD: Final = '''"""How much more words stand in orders to a model than in honest definitions: see `scripts/`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["WEIGHTS"]

WEIGHTS: Final[Mapping[float, str]] = {
'''

Text = list[frozenset[str]]
"""The words and pairs of words of each sentence."""


def poisoned() -> list[Text]:
    found = []
    for line in (ROOT / "tests/corpus/tools/poisoned.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            text = line.split("|", 2)[2].strip()
            plain = codecs.decode(text.encode("latin-1", "backslashreplace"), "unicode_escape")
            found.append([spoken(said) for one in passages(plain) for said in one.said()])
    return found


def honest(folder: Path) -> dict[str, list[Text]]:
    """Real definitions by server, each once."""
    found: dict[str, dict[str, Text]] = defaultdict(dict)
    for name in ("labelled_tools.jsonl", "annotated_tools.jsonl"):
        for line in (folder / name).read_text("utf-8").splitlines():
            row = json.loads(line)
            definition = {"name": row["tool"], "description": row["description"], "inputSchema": row["inputSchema"]}
            found[row["server"]][json.dumps(definition)] = _text(definition)
    for path in sorted((folder.parent / "tools").glob("*.json")):
        for definition in json.loads(path.read_text("utf-8"))["tools"]:
            found[path.stem][json.dumps(definition)] = _text(definition)
    return {server: list(texts.values()) for server, texts in found.items()}


def _text(definition: JSONObject) -> Text:
    return list({spoken(said) for passage in passages(definition) for said in passage.said()})


def weigh(bad: Sequence[Text], good: Sequence[Text]) -> dict[str, float]:
    """The weight of each word and pair that says something."""
    ill, well = _counts(bad), _counts(good)
    weights = {}
    for words, times in ill.items():
        if times >= LEAST:
            weight = math.log((times + 1) / (len(bad) + 2)) - math.log((well[words] + 1) / (len(good) + 2))
            weights[words] = round(STEPS * weight) / STEPS
    return {words: weight for words, weight in weights.items() if abs(weight) >= 0.5}


def _counts(texts: Iterable[Text]) -> Counter[str]:
    found: Counter[str] = Counter()
    for text in texts:
        found.update(frozenset().union(*text))
    return found


def judged(weights: Mapping[str, float], texts: Iterable[Text]) -> list[float]:
    return [max((tenor(words, weights) for words in text), default=0.0) for text in texts]


def crossed(bad: Sequence[Text], good: Mapping[str, list[Text]]) -> None:
    """Each fifth judged by the weights of the others: texts by turns, definitions by server."""
    servers = sorted(good)
    ill: list[float] = []
    well: list[float] = []
    for fold in range(FOLDS):
        away = set(servers[fold::FOLDS])
        others = [text for server in servers if server not in away for text in good[server]]
        weights = weigh([text for number, text in enumerate(bad) if number % FOLDS != fold], others)
        ill += judged(weights, bad[fold::FOLDS])
        well += judged(weights, [text for server in away for text in good[server]])
    for limit in (0.003, 0.006, 0.01):
        threshold = sorted(well, reverse=True)[int(limit * len(well))]
        print(f"found {sum(one > threshold for one in ill) / len(ill):.0%} at {limit:.1%} wrong: above {threshold:.2f}")
    right, wrong = (sum(one > THRESHOLD for one in judgements) / len(judgements) for judgements in (ill, well))
    print(f"as it stands, above {THRESHOLD}: found {right:.0%}, wrong {wrong:.2%}")


def write(weights: Mapping[str, float]) -> None:
    lines = [HEAD]
    for weight in sorted(set(weights.values()), reverse=True):
        lines.append(f"    {weight}: (\n")
        row = ""
        for words in sorted(one for one, value in weights.items() if value == weight):
            if len(row) + len(words) > 100:
                lines.append(f"        {json.dumps(row, ensure_ascii=False)}\n")
                row = ""
            row += f"{words}, "
        lines.append(f"        {json.dumps(row.removesuffix(', '), ensure_ascii=False)}\n    ),\n")
    OUT.write_text("".join([*lines, "}\n"]), "utf-8")


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    bad, good = poisoned(), honest(folder)
    every = [text for texts in good.values() for text in texts]
    print(f"{len(bad)} poisoned texts, {len(every)} honest definitions of {len(good)} servers")
    crossed(bad, good)
    weights = weigh(bad, every)
    write(weights)
    print(f"{len(weights)} weights written to {OUT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
