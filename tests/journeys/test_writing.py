"""Drafts: saved, kept, found again, and met by somebody else's change."""

import pytest
from playwright.async_api import expect

from tests.journeys.conftest import Visit

pytestmark = pytest.mark.journey


async def test_a_draft_is_saved_left_and_gone_on_with(visit: Visit) -> None:
    author = await (await visit("Ada Writer")).has_an_account()
    page = author.page
    await author.goes_to("/write")
    await author.writes("A draft of mine", "First words.")
    await author.saves()
    await author.text.press_sequentially(" And more.")
    await page.get_by_role("link", name="Drafts").click()

    guard = page.get_by_role("alertdialog", name="Leave without saving?")
    await guard.get_by_role("button", name="Stay").click()
    await expect(author.text).to_have_value("First words. And more.")
    await page.get_by_role("link", name="Drafts").click()
    await guard.get_by_role("button", name="Leave", exact=True).click()
    await expect(page.get_by_role("heading", name="Your posts")).to_be_focused()
    await page.get_by_role("link", name="A draft of mine").click()

    await expect(page.get_by_text("Unsaved text from this device")).to_be_visible()
    await expect(author.text).to_have_value("First words. And more.")
    await author.saves()
    await page.reload()
    await expect(author.text).to_have_value("First words. And more.")
    await expect(page.get_by_text("Unsaved text from this device")).to_be_hidden()


async def test_a_draft_that_was_revised_elsewhere_is_not_overwritten(visit: Visit) -> None:
    here = await (await visit("Ada Writer")).has_an_account()
    here.expected = {412}
    draft = await here.drafts("On two desks", "As it was.")
    there = await here.opens_another_tab()
    await here.goes_to(f"/write/{draft}")
    await there.goes_to(f"/write/{draft}")

    await there.text.fill("As they left it.")
    await there.saves()
    await here.text.fill("As I left it.")
    await here.page.keyboard.press("Control+s")

    conflict = here.page.get_by_role("alert", name="This post was changed elsewhere")
    await expect(conflict).to_be_focused()
    await expect(here.status).to_contain_text("Not saved: changed elsewhere")
    await conflict.get_by_text("Show the other text").click()
    await expect(conflict.get_by_text("As they left it.")).to_be_visible()
    await expect(here.text).to_have_value("As I left it.")
    await conflict.get_by_role("button", name="Keep mine").click()
    await expect(here.status).to_contain_text("Saved just now")
    await there.page.reload()
    await expect(there.text).to_have_value("As I left it.")


async def test_theirs_is_taken_and_mine_comes_back_by_undo(visit: Visit) -> None:
    here = await (await visit("Ada Writer")).has_an_account()
    here.expected = {412}
    draft = await here.drafts("On two desks", "As it was.")
    await here.goes_to(f"/write/{draft}")
    await here.asks("PATCH", f"/api/posts/{draft}", {"body": "As they left it."}, If_Match='"1"')
    await here.text.fill("As I left it.")
    await here.page.keyboard.press("Control+s")

    await here.button("Load theirs").click()
    await expect(here.text).to_have_value("As they left it.")
    await here.button("Undo").click()

    await expect(here.text).to_have_value("As I left it.")
