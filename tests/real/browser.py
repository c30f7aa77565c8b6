"""A real Chromium, driven by Playwright: one per test, with a fresh profile, and nothing but loopback within reach."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Page, Request, Response, Route, async_playwright

from tests.real.places import unavailable

PHONE: Final = 390  # pixels: as wide as the phones that most people carry
_PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PLACES: Final = (
    "/usr/lib/chromium/chromium",
    "/opt/google/chrome/chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
_QUIET: Final = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_NEAR: Final = {"127.0.0.1", "localhost", "::1"}


def find_chromium() -> str:
    """The path of a Chromium or Chrome: from PATH, or where Debian and macOS put it."""
    found = next(filter(None, map(shutil.which, _PROGRAMS)), None) or next(filter(os.path.exists, _PLACES), None)
    if found is None:
        unavailable("no Chromium: run ./dev setup, or install it (apt-get install chromium)")
    return found


@asynccontextmanager
async def running_chromium(path: str) -> AsyncIterator[Browser]:
    """Chromium without a window, and without its sandbox, which root cannot have."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=_QUIET, headless=True, chromium_sandbox=False, timeout=120_000
        )
        try:
            yield browser
        finally:
            await browser.close()


async def watch(page: Page, troubles: list[str]) -> None:
    """Write down what a page may not do: an error in its console or code, a failed request, one that leaves loopback.

    A request that would leave is not sent.
    """

    async def gate(route: Route, request: Request) -> None:
        if is_near(request.url):
            await route.continue_()
        else:
            troubles.append(f"asked for {request.url}")
            await route.abort()

    def heard(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            troubles.append(f"{message.type} in the console: {message.text}")

    def answered(response: Response) -> None:
        if response.status >= 400:
            troubles.append(f"{response.status} for {response.url}")

    await page.route("**/*", gate)
    page.on("console", heard)
    page.on("pageerror", lambda error: troubles.append(f"error in the page: {error}"))
    page.on("response", answered)


def is_near(url: str) -> bool:
    """Whether a URL stays on this machine."""
    parts = urlsplit(url)
    return parts.scheme in {"about", "blob", "data", "file"} or parts.hostname in _NEAR


async def overflow(page: Page) -> int:
    """By how many pixels a page is wider than its window."""
    width: int = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width
