"""Chromium for the tests: one browser for a run, and what is asked of every page in it."""

from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

WIDTHS = [1200, 390]
HEIGHT = 844

Theme = Literal["light", "dark"]
THEMES: list[Theme] = ["light", "dark"]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
DRAWN = "() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))"
SHIFTS = """() => new Promise((resolve) => {
  const found = [];
  const place = ({ x, y, width, height }) => `${x},${y} ${width}x${height}`;
  const words = (node) => node?.outerHTML ?? node?.textContent;
  const moved = ({ node, previousRect, currentRect }) => `${place(previousRect)} to ${place(currentRect)}: ${words(node)}`;
  const add = (list) => { for (const { value, sources } of list.getEntries()) found.push(value, ...sources.map(moved)); };
  new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(found)));
})"""
FAILED_LOAD = "Failed to load resource: the server responded with a status of"


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        await chromium.close()


async def fresh_context(
    browser: Browser, address: str, *, width: int = 1200, theme: Theme = "light", scripts: bool = True
) -> BrowserContext:
    """A browser that nobody has used, with this theme as the system's."""
    return await browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        color_scheme=theme,
        java_script_enabled=scripts,
        base_url=address,
    )


async def opened(page: Page, path: str) -> None:
    """Go there and wait until the app has taken over and nothing is loading."""
    await page.goto(path)
    await settled(page)


async def settled(page: Page) -> None:
    """Wait until the app has taken over and nothing is loading."""
    await page.locator(".account > *, textarea[aria-label=Title]").first.wait_for()
    await page.wait_for_load_state("networkidle")


@cache
def axe() -> str:
    """The script of axe, which the content policy would not let a page load."""
    return Path(ROOT, "frontend/node_modules/axe-core/axe.min.js").read_text()


async def complaints(page: Page) -> list[str]:
    """What axe finds on the page."""
    await page.evaluate(DRAWN)
    await page.evaluate(axe())
    found = await page.evaluate("(tags) => axe.run(document, { runOnly: { type: 'tag', values: tags } })", RULES)
    return [f"{one['id']}: {node['html']} {node['failureSummary']}" for one in found["violations"] for node in one["nodes"]]


async def shifts(page: Page) -> list[float | str]:
    """Everything on the page that has moved by itself, and how much."""
    found: list[float | str] = await page.evaluate(SHIFTS)
    return found
