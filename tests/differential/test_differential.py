"""The same script directly and through the gate; what the agent hears is compared as JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from tests.differential import scripts
from tests.differential.agents import LEGACY, Agent
from tests.differential.ways import BRIDGED, GATED, Places, Way

pytestmark = pytest.mark.asyncio(loop_scope="session")

Script = Callable[[Agent], Awaitable[Any]]

BOTH: Final = (
    scripts.everything_listed,
    scripts.reading,
    scripts.completion,
    scripts.refusals,
    scripts.odd_arguments,
    scripts.large_result,
    scripts.out_of_order,
    scripts.progress,
    scripts.cancelling,
)
SESSIONS: Final = (scripts.asked_in_return, scripts.changes_in_session)
STATELESS: Final = (scripts.rounds, scripts.changes_listened_to)
OVER_HTTP: Final = (scripts.leaving, scripts.resuming)


def _cases() -> list[Any]:
    found: list[tuple[Way, Script]] = []
    for way in GATED:
        apply: list[Script] = [*BOTH, *(SESSIONS if way.version == LEGACY else STATELESS)]
        if way.version == LEGACY and way.front == "http":
            apply += OVER_HTTP if way.server == "http" else (scripts.leaving,)
        found += [(way, script) for script in apply]
    found += [
        (way, script) for way in BRIDGED for script in (*BOTH, scripts.changes_in_session, scripts.asked_for_everything)
    ]
    found += [(way, scripts.leaving) for way in BRIDGED if way.front == "http"]
    return [pytest.param(way, script, id=f"{way}-{script.__name__}") for way, script in found]


@pytest.mark.parametrize(("way", "script"), _cases())
async def test_the_gate_changes_nothing(everywhere: Places, way: Way, script: Script) -> None:
    assert await everywhere.hear(way, script) == await everywhere.hear(way.direct, script)
