"""What every test may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from tests.real.places import pick_port

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page


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
