"""Everybody can use every page: with a screen reader, by keyboard alone, on a narrow screen, in either theme."""

import pytest
from playwright.async_api import Page, expect

from tests.journeys.blog import TITLE, Blog
from tests.journeys.conftest import Visit
from tests.journeys.visitor import Visitor
from tests.kit.browser import HEIGHT, THEMES, WIDTHS, complaints, opened
from tests.kit.system import PASSWORD

pytestmark = pytest.mark.journey

NARROWEST = 320
NOWHERE = "/no/such/page"


async def inspect(page: Page, what: str) -> None:
    """Look at what stands on the page in both themes, on a screen, on a phone and on the narrowest one."""
    await expect(page.get_by_role("heading", level=1)).to_have_count(1)
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": HEIGHT})
        for theme in THEMES:
            await page.emulate_media(color_scheme=theme, reduced_motion="reduce")

            assert await complaints(page) == [], f"{what} {theme} {width}"

    await page.set_viewport_size({"width": NARROWEST, "height": HEIGHT})
    assert await page.evaluate("document.documentElement.scrollWidth") == NARROWEST, what
    await page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})


async def test_what_everybody_sees_is_accessible(visit: Visit, blog: Blog) -> None:
    stranger = await visit()
    stranger.expected = {404}

    for path in ("/", blog.path, blog.profile, blog.silent_profile, NOWHERE, "/sign-in", "/sign-up"):
        await opened(stranger.page, path)

        await inspect(stranger.page, path)


async def test_what_an_author_sees_is_accessible(visit: Visit, blog: Blog) -> None:
    author = await (await visit("Ada Writer")).has_an_account()
    page = author.page
    await author.goes_to("/drafts")
    await inspect(page, "no drafts")
    draft = await author.drafts("A draft", "## With a heading\n\n| a | table |\n| - | ----- |\n| 1 | 2 |\n\n```python\nx = 1\n```\n")
    await author.goes_to("/drafts")
    await inspect(page, "drafts")
    await author.goes_to(blog.path)
    await inspect(page, "an article, signed in")
    await author.goes_to("/write")
    await inspect(page, "an empty editor")
    await author.goes_to(f"/write/{draft}")
    await inspect(page, "the editor")

    await author.button("Publish…").click()
    await expect(page.get_by_role("dialog", name="Publish")).to_be_visible()

    await inspect_dialog(author)


async def inspect_dialog(visitor: Visitor) -> None:
    """A dialog hides the heading of its page from everybody, so that there is none to count."""
    for theme in THEMES:
        for width in WIDTHS:
            await visitor.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            await visitor.page.set_viewport_size({"width": width, "height": HEIGHT})

            assert await complaints(visitor.page) == [], f"{theme} {width}"


async def test_somebody_signs_in_reads_and_answers_by_keyboard_alone(visit: Visit, blog: Blog) -> None:
    known = await (await visit("Eve Reader")).has_an_account()
    reader = await visit("Eve Reader")
    page, keyboard = reader.page, reader.page.keyboard
    await reader.goes_to("/")

    await keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    await keyboard.press("Enter")
    await expect(page.get_by_role("main")).to_be_focused()
    await keyboard.press("j")
    await keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    await reader.goes_to(blog.path)
    await keyboard.press("c")
    await keyboard.type("By hand.")
    await keyboard.press("Control+Enter")
    await expect(page.get_by_role("heading", name="Sign in", level=1)).to_be_focused()
    await keyboard.press("Tab")
    await keyboard.type(known.handle)
    await keyboard.press("Tab")
    await keyboard.type(PASSWORD)
    await keyboard.press("Enter")
    await expect(page.get_by_label("Join the discussion")).to_have_value("By hand.")
    await keyboard.press("c")
    await keyboard.press("Control+Enter")

    await expect(page.get_by_role("listitem").filter(has_text="By hand.")).to_be_focused()


async def test_a_post_is_written_and_published_by_keyboard_alone(visit: Visit) -> None:
    author = await (await visit("Ada Writer")).has_an_account()
    page, keyboard = author.page, author.page.keyboard
    await author.goes_to("/")

    await keyboard.press("n")
    await expect(page.get_by_label("Title")).to_be_focused()
    await keyboard.type("Written by hand")
    await keyboard.press("Enter")
    await keyboard.type("Some ")
    await keyboard.press("Control+b")
    await keyboard.type("bold")
    await expect(author.preview.locator("strong")).to_have_text("bold")
    await keyboard.press("Control+Enter")
    sheet = page.get_by_role("dialog", name="Publish")
    for _ in range(10):
        await keyboard.press("Tab")
        assert await sheet.evaluate("(sheet) => sheet.contains(document.activeElement)")
    await keyboard.press("Escape")
    await expect(sheet).to_be_hidden()
    await expect(author.text).to_be_focused()
    await keyboard.press("Control+Enter")
    await expect(sheet).to_be_visible()
    await keyboard.press("Tab")
    await keyboard.press("Enter")

    await expect(page.get_by_role("heading", name="Written by hand", level=1)).to_be_focused()
    await expect(page.locator(".prose strong")).to_have_text("bold")


async def test_a_new_page_is_read_from_its_heading(visit: Visit, blog: Blog) -> None:
    reader = await visit()
    page = reader.page
    await reader.goes_to(blog.profile)

    await page.get_by_role("link", name=TITLE).click()
    await expect(page.get_by_role("heading", name=TITLE, level=1)).to_be_focused()
    await expect(page).to_have_title(f"{TITLE} · Inkstream")
    await page.go_back()

    await expect(page.get_by_role("heading", name=blog.author.user["name"], level=1)).to_be_focused()
