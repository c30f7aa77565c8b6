"""What the browser's watch is for: it sees what goes wrong, and lets nothing leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.real.browser import overflow

if TYPE_CHECKING:
    from playwright.async_api import Page


async def test_what_goes_wrong_in_a_page_is_seen(page: Page, troubles: list[str]) -> None:
    await page.set_content("<img src='https://example.com/x.png'><script>console.error('broken')</script>")
    await page.set_content("<script>throw new Error('thrown')</script>")
    said = " ".join(troubles)
    troubles.clear()
    assert "asked for https://example.com/x.png" in said
    assert "error in the console: broken" in said
    assert "error in the page: thrown" in said


async def test_a_page_too_wide_is_seen(page: Page) -> None:
    await page.set_viewport_size({"width": 300, "height": 300})
    await page.set_content("<div style='width: 500px'>wide</div>")
    assert await overflow(page) > 0
