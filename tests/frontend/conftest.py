"""The built web app behind a mock of its services, and Chromium to look at it."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

from inkctl.parts import web
from tests.kit.browser import FAILED_LOAD, Theme, fresh_context

STARTED_SECONDS = 30
SERVER = "src/testing/server.ts"


class Site:
    """The mock server, and pages of it in fresh browsers that fail the test when their console does."""

    def __init__(self, address: str, browser: Browser) -> None:
        self.address = address
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.said: list[str] = []

    async def page(self, *, width: int = 1200, theme: Theme = "light", scripts: bool = True) -> Page:
        """Open a browser of this width, with this theme as the system's."""
        context = await fresh_context(self._browser, self.address, width=width, theme=theme, scripts=scripts)
        self._contexts.append(context)
        page = await context.new_page()
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        return page

    async def signed_in(self, *, width: int = 1200, theme: Theme = "light") -> Page:
        """Open a browser in which Mira has signed in."""
        page = await self.page(width=width, theme=theme)
        await page.goto("/sign-in")
        await page.get_by_label("Handle or e-mail").fill("mira")
        await page.get_by_label("Password").fill("a long password")
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Your account, Mira Okafor").wait_for()
        return page

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()

    def _listen(self, message: ConsoleMessage) -> None:
        # Chromium says a missing page, and an answer that failed, as errors of the console; here they are asked for.
        if message.type == "error" and not message.text.startswith(FAILED_LOAD):
            self.said.append(message.text)


@pytest.fixture(scope="session")
async def built(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The web app as its files are now."""
    await web.build(tmp_path_factory.mktemp("web") / "build.log")


@contextlib.asynccontextmanager
async def serving(*arguments: str) -> AsyncIterator[str]:
    """Run the mock server, and give its address."""
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).parent / "node"),
        SERVER,
        *arguments,
        cwd=web.FRONTEND,
        env={**web.environment(), "PORT": "0"},
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), STARTED_SECONDS)
        yield line.decode().strip()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


@pytest.fixture(scope="session")
async def address(built: None) -> AsyncIterator[str]:
    async with serving() as address:
        yield address


@pytest.fixture(scope="session")
async def empty_address(built: None) -> AsyncIterator[str]:
    async with serving("--empty") as address:
        yield address


@pytest.fixture
async def site(address: str, browser: Browser) -> AsyncIterator[Site]:
    site = Site(address, browser)
    yield site
    await site.close()
    assert site.said == []


@pytest.fixture
async def empty_site(empty_address: str, browser: Browser) -> AsyncIterator[Site]:
    site = Site(empty_address, browser)
    yield site
    await site.close()
    assert site.said == []
