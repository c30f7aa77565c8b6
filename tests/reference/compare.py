"""The real evaluator against the naive one: `python -m tests.reference.compare PAIRS [SEED]`."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from random import Random
from typing import Any

import msgspec

from ostiary import model
from ostiary.cli.rehearsal import Rehearsal
from ostiary.policy import load
from tests.reference.evaluator import Answer, Evaluator
from tests.reference.facts import Call
from tests.reference.generate import policy, series

CALLS = 8
"""How many calls share a policy and its counters."""

EXACT = msgspec.json.Encoder(decimal_format="number")


class Disagreement(AssertionError):
    pass


def compare(pairs: int, seed: int) -> dict[str, int]:
    """How often each effect was met. Raises `Disagreement` with the policy and the calls up to the first one."""
    random = Random(seed)
    met: dict[str, int] = {}
    for _ in range(pairs // CALLS):
        document = policy(random)
        text = EXACT.encode(document)
        real, naive = Rehearsal(load(text, "p.json")), Evaluator(document)
        calls = series(random, CALLS)
        for number, call in enumerate(calls):
            expected, found = naive.decide(call), answer(real.decide(real_call(call)))
            if expected != found:
                said = "\n".join(str(asdict(one)) for one in calls[: number + 1])
                raise Disagreement(f"{text.decode()}\n{said}\nnaive: {expected}\nreal:  {found}")
            effect = "limit" if found.retry_after is not None else "error" if found.errors else found.effect
            met[effect] = met.get(effect, 0) + 1
    return met


def answer(decision: model.Decision) -> Answer:
    errors = {error.partition(": ")[0] for error in decision.errors}
    wait = decision.retry_after_ms
    return Answer(decision.effect.value, errors, wait)


def real_call(call: Call) -> model.Call:
    tool = model.Tool(
        call.tool, call.server, annotations=call.annotations, risk_class=call.risk_class, severity=call.severity
    )
    who = model.Principal(call.principal, roles=tuple(call.roles))
    session = model.Session(call.principal)
    return model.Call(tool, call.arguments, who, model.Client(), session, call.at)


def main(words: list[Any]) -> None:
    pairs, seed = int(words[0]), int(words[1]) if len(words) > 1 else time.time_ns()
    began = time.monotonic()
    met = compare(pairs, seed)
    seconds = time.monotonic() - began
    sys.stdout.write(f"{sum(met.values())} pairs without a disagreement in {seconds:.0f} s, seed {seed}: {met}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
