"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, settings

from tests.real.places import pick_port

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

_PER_CORE: Final = 2  # measured on two cores

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")  # how loaded a machine is says nothing about the code


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """How many processes share the tests, unless `-n` says it: several per core, since most tests wait for processes.

    A selection is run in this one, which is quicker at hand.
    """
    if any(argument.startswith(("-n", "--numprocesses")) for argument in config.invocation_params.args):
        return None
    is_selection = config.args_source is pytest.Config.ArgsSource.ARGS or any(
        config.getoption(option) for option in ("keyword", "markexpr", "lf", "failedfirst", "collectonly")
    )
    return 0 if is_selection else _PER_CORE * (os.cpu_count() or 1)


@pytest.fixture
def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on."""
    return pick_port()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is; a test that needs one is skipped without, and in CI it fails."""
    from tests.real.browser import find_chromium

    return find_chromium()


@pytest.fixture
async def browser(chromium_path: str) -> AsyncIterator[Browser]:
    """A Chromium of the test's own."""
    from tests.real.browser import running_chromium

    async with running_chromium(chromium_path) as running:
        yield running


@pytest.fixture
def troubles() -> list[str]:
    """What `page` saw go wrong; a test that wants something to go wrong takes it out of here."""
    return []


@pytest.fixture
async def page(browser: Browser, troubles: list[str]) -> AsyncIterator[Page]:
    """A page in a fresh Chromium; in the end nothing may have gone wrong in it, and nothing may have left loopback."""
    from tests.real.browser import watch

    async with await browser.new_page() as opened:
        await watch(opened, troubles)
        yield opened
    assert troubles == []
