"""What people are told, and what they keep, when something is wrong."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import expect

from tests.journeys.blog import TITLE, Blog
from tests.journeys.conftest import Visit
from tests.kit.system import System

pytestmark = pytest.mark.journey

HOUR = "01:00:00"


async def test_a_wrong_password_is_said_at_its_field(visit: Visit) -> None:
    known = await (await visit("Fay Writer")).has_an_account()
    visitor = await visit("Fay Writer")
    visitor.handle = known.handle
    visitor.expected = {401}
    await visitor.goes_to("/sign-in")

    await visitor.fills_in_the_sign_in_form("a wrong password")
    await expect(visitor.page.get_by_label("Password")).to_have_accessible_description("Handle, e-mail or password is wrong.")
    await expect(visitor.page.get_by_label("Handle or e-mail")).to_have_value(known.handle)

    await visitor.signs_in()


async def test_too_many_wrong_passwords_are_counted_down(visit: Visit) -> None:
    visitor = await visit()
    visitor.expected = {401, 429}
    guess = {"login": visitor.handle, "password": "a wrong password"}
    replies = [await visitor.context.request.post("/api/auth/login", data=guess) for _ in range(10)]
    await visitor.goes_to("/sign-in")

    await visitor.fills_in_the_sign_in_form("a wrong password")

    assert {401} == {reply.status for reply in replies}
    await expect(visitor.page.get_by_role("alert").filter(has_text="too often")).to_contain_text("You can try again in")
    await expect(visitor.page.get_by_role("main").get_by_role("button", name="Sign in")).to_be_disabled()


async def test_a_taken_handle_is_said_at_its_field_and_nothing_typed_is_lost(visit: Visit) -> None:
    known = await (await visit("Gus Writer")).has_an_account()
    visitor = await visit("Gus Reader")
    visitor.expected = {409}
    page = visitor.page
    await visitor.goes_to("/sign-up")
    await page.get_by_label("Name").fill("Gus Reader")
    await page.get_by_label("Handle").fill(known.handle.upper())
    await page.get_by_label("E-mail").fill(f"{visitor.handle}@example.org")
    await page.get_by_label("Password").fill("a password of mine")
    await page.get_by_role("main").get_by_role("button", name="Sign up").click()

    await expect(page.get_by_text("This handle is taken.")).to_be_visible()
    await expect(page.get_by_label("Handle")).to_be_focused()
    await expect(page.get_by_label("Password")).to_have_value("a password of mine")
    await page.get_by_label("Handle").fill(visitor.handle)
    await page.keyboard.press("Enter")
    await visitor.is_signed_in()


async def test_a_session_that_ended_while_writing_costs_no_word(visit: Visit) -> None:
    author = await visit("Hal Writer")
    await author.page.clock.install()
    await author.has_an_account()
    author.expected = {401}
    await author.goes_to("/write")
    await author.writes("Written too long", "Every word of it.")
    await author.context.clear_cookies()
    await author.page.clock.fast_forward(HOUR)

    await author.page.keyboard.press("Control+s")
    await author.page.get_by_role("link", name="Sign in to save it").click()
    await author.signs_in()

    await expect(author.page.get_by_label("Title")).to_have_value("Written too long")
    await expect(author.text).to_have_value("Every word of it.")
    await author.saves()


async def test_somebody_whose_session_has_ended_meanwhile_reads_on_signed_out(visit: Visit, blog: Blog) -> None:
    reader = await (await visit("Jan Reader")).has_an_account()
    reader.expected = {401}
    await reader.goes_to("/")
    await reader.context.clear_cookies()

    await reader.goes_to(blog.path)  # and no request hangs

    await expect(reader.page.get_by_role("heading", name=TITLE, level=1)).to_be_visible()
    await expect(reader.page.get_by_role("link", name="Sign in")).to_be_visible()


@asynccontextmanager
async def paused(system: System, *names: str) -> AsyncIterator[None]:
    """Stop processes as a machine that is suspended does."""
    stopped = [await asyncio.to_thread(system.signal, name, signal.SIGSTOP) for name in names]
    try:
        yield
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)


async def test_a_service_that_is_away_is_said_and_the_text_is_saved_once_it_is_back(visit: Visit, system: System) -> None:
    author = await (await visit("Ivy Writer")).has_an_account()
    author.expected = {502, 503, 504}
    draft = await author.drafts("A patient text", "As it was.")
    await author.goes_to(f"/write/{draft}")
    async with paused(system, "posts_service", "posts_service.2"):
        await author.text.fill("As it is now.")
        await author.page.keyboard.press("Control+s")
        trouble = author.page.get_by_role("region", name="Write").get_by_role("alert")
        await expect(trouble).to_be_visible(timeout=60_000)
        await expect(trouble).to_contain_text("Nothing is lost")
        await expect(author.status).to_contain_text("Not saved, kept on this device")

    await trouble.get_by_role("button", name="Try again").click()

    await expect(author.status).to_contain_text("Saved just now")
    await expect(author.text).to_have_value("As it is now.")
