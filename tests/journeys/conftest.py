"""Visitors of the whole system, and what is kept of a journey that failed: a picture of each page and what it was doing."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Browser, expect

from tests.journeys.blog import Blog, written
from tests.journeys.visitor import Visitor
from tests.kit.browser import ROOT, Theme, fresh_context
from tests.kit.system import Person, System

RESULTS = ROOT / "test-results"
FAILED: pytest.StashKey[bool] = pytest.StashKey()

Visit = Callable[..., Awaitable[Visitor]]

expect.set_options(
    timeout=15_000
)  # milliseconds that a page may take to show what is expected: a busy machine needs more than five seconds


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell the fixtures of a journey that it failed, while its pages still stand."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture
async def visit(system: System, browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Visit]:
    """Give a visitor a browser that nobody has used. The test fails where the console of one of its pages complains."""
    visitors: list[Visitor] = []

    async def come(name: str = "", *, width: int = 1200, theme: Theme = "light", scripts: bool = True) -> Visitor:
        context = await fresh_context(browser, system.url, width=width, theme=theme, scripts=scripts)
        visitor = Visitor(context, await context.new_page(), name=name)
        visitors.append(visitor)
        return visitor

    yield come

    faults = [fault for visitor in visitors for fault in visitor.faults]
    if faults or item_failed(request.node):
        await keep(visitors, RESULTS / re.sub(r"[^\w-]+", "-", request.node.name))
    for visitor in visitors:
        await visitor.context.close()
    assert faults == []


@pytest.fixture(scope="session")
async def blog(system: System) -> AsyncIterator[Blog]:
    """An article that everybody can read, its author and its first reader."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        author, reader = await Person.sign_up(system, session), await Person.sign_up(system, session)
        yield await written(system, author, reader)


def item_failed(item: Any) -> bool:
    return bool(item.stash.get(FAILED, False))


async def keep(visitors: list[Visitor], folder: Path) -> None:
    """Keep a picture of every page, its address, its HTML and what its console said."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    for number, visitor in enumerate(visitors, 1):
        for tab, page in enumerate(visitor.context.pages, 1):
            name = f"visitor-{number}-tab-{tab}"
            await page.screenshot(path=folder / f"{name}.png")
            said = "\n".join(visitor.faults)
            text = f"<!-- {page.url}\n{said} -->\n{await page.content()}"
            await asyncio.to_thread((folder / f"{name}.html").write_text, text, "utf-8")
