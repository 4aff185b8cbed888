"""Saying something, also for who has to sign in first."""

import pytest
from playwright.async_api import expect

from tests.journeys.blog import TITLE, Blog
from tests.journeys.conftest import Visit
from tests.kit.browser import opened

pytestmark = pytest.mark.journey


async def test_a_comment_that_was_typed_signed_out_survives_signing_in(visit: Visit, blog: Blog) -> None:
    elsewhere = await (await visit("Cleo Reader")).has_an_account()
    reader = await visit("Cleo Reader")
    reader.handle = elsewhere.handle
    page = reader.page
    await opened(page, blog.path)
    await page.get_by_label("Join the discussion").fill("Typed *before* I signed in.")
    await reader.button("Sign in to comment").click()
    await reader.signs_in()

    await expect(page.get_by_role("heading", name=TITLE, level=1)).to_be_visible()
    await expect(page.get_by_label("Join the discussion")).to_have_value("Typed *before* I signed in.")
    await reader.button("Comment").click()
    mine = page.get_by_role("listitem").filter(has_text="Cleo Reader")
    await expect(mine.locator("em")).to_have_text("before")
    await expect(page.get_by_label("Join the discussion")).to_have_value("")
    await page.reload()
    await expect(mine.locator("em")).to_have_text("before")


async def test_an_answer_stands_under_what_it_answers_and_once_however_often_one_clicks(visit: Visit, blog: Blog) -> None:
    reader = await (await visit("Dora Reader")).has_an_account()
    page = reader.page
    await opened(page, blog.path)
    first = page.get_by_role("listitem").filter(has_text="Why in pencil?").first
    await first.get_by_role("button", name="Reply").first.click()
    await expect(page.get_by_label(f"Reply to {blog.quiet.user['name']}")).to_be_focused()
    await page.keyboard.type("So that it can be rubbed out.")
    await first.get_by_role("button", name="Reply", exact=True).nth(1).dblclick()

    await expect(page.get_by_text("Comment posted")).to_be_visible()
    await page.reload()
    await expect(first.get_by_text("So that it can be rubbed out.")).to_have_count(1)
