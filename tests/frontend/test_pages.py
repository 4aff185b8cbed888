"""Every page in Chromium: accessible, steady, at home on a phone, and usable by keyboard alone."""

import pytest
from playwright.async_api import expect

from tests.frontend.conftest import Site
from tests.kit.browser import THEMES, WIDTHS, Theme, complaints, opened, shifts

pytestmark = pytest.mark.browser

ARTICLE = "/@mira/the-log-is-the-story"
DRAFT = "/write/0190b000-0000-7000-8000-000000000999"
SERVED = ["/", ARTICLE, "/@mira", "/no/such/page"]
PUBLIC = [*SERVED, "/sign-in", "/sign-up", "/@jonas?status=500"]
OWN = ["/drafts", "/write", DRAFT, ARTICLE]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
async def test_every_public_page_is_accessible(site: Site, width: int, theme: Theme) -> None:
    page = await site.page(width=width, theme=theme)
    for path in PUBLIC:
        await opened(page, path)

        assert await complaints(page) == [], path
        assert await page.locator("h1").count() == 1


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
async def test_every_page_of_ones_own_is_accessible(site: Site, width: int, theme: Theme) -> None:
    page = await site.signed_in(width=width, theme=theme)
    for path in OWN:
        await opened(page, path)

        assert await complaints(page) == [], path
        assert await page.locator("h1").count() == 1


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_app_takes_over_without_moving_anything(site: Site, width: int) -> None:
    page = await site.page(width=width)
    for path in SERVED:
        await opened(page, path)

        assert await shifts(page) == [], path


async def test_every_page_fits_a_width_of_320(site: Site) -> None:
    page = await site.signed_in(width=320)
    for path in [*PUBLIC, *OWN]:
        await opened(page, path)

        assert await page.evaluate("document.documentElement.scrollWidth") == 320, path


async def test_signed_out_pages_fit_a_width_of_320_too(site: Site) -> None:
    page = await site.page(width=320)
    for path in PUBLIC:
        await opened(page, path)

        assert await page.evaluate("document.documentElement.scrollWidth") == 320, path


async def test_an_article_reads_without_scripts(site: Site) -> None:
    page = await site.page(scripts=False)

    await page.goto(ARTICLE)

    await expect(page.get_by_text("Every edit you make while writing")).to_be_visible()
    await expect(page.get_by_text("Do you snapshot long posts")).to_be_visible()
    await expect(page.get_by_role("button")).to_have_count(0)


async def test_text_appears_in_its_own_face_at_once(site: Site) -> None:
    page = await site.page()

    await opened(page, ARTICLE)

    loaded = await page.evaluate(
        "[...document.fonts].filter((face) => face.status === 'loaded').map((face) => face.family.replaceAll('\"', ''))"
    )
    assert {"Inter Variable", "Source Serif 4 Variable"} <= set(loaded)


async def test_a_chosen_theme_stands_before_the_app_does(site: Site) -> None:
    page = await site.page(theme="light")
    await opened(page, "/")
    await page.get_by_role("button", name="Theme: system").click()
    await page.get_by_role("menuitemradio", name="Dark").click()
    await page.route("**/main-*.js", lambda route: route.abort())
    site.said.clear()

    await page.reload()

    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 20, 18)"
    site.said.clear()  # the entry that was held back


async def test_an_empty_home_invites_and_is_accessible(empty_site: Site) -> None:
    page = await empty_site.page(width=390)

    await opened(page, "/")

    await expect(page.get_by_role("main").get_by_role("link", name="Sign up")).to_be_visible()
    assert await complaints(page) == []
    assert await shifts(page) == []


async def test_a_post_is_written_and_published_by_keyboard_alone(site: Site) -> None:
    page = await site.page()
    keyboard = page.keyboard
    await opened(page, "/")

    await keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    await keyboard.press("n")
    await expect(page.get_by_role("heading", name="Sign in")).to_be_focused()
    await keyboard.press("Tab")
    await keyboard.type("mira")
    await keyboard.press("Tab")
    await keyboard.type("a long password")
    await keyboard.press("Enter")
    await expect(page.get_by_label("Title")).to_be_focused()
    await keyboard.type("Written by hand")
    await keyboard.press("Enter")
    await keyboard.type("Some ")
    await keyboard.press("Control+b")
    await keyboard.type("bold")
    await expect(page.get_by_label("Preview").locator("strong")).to_have_text("bold")
    await keyboard.press("Control+s")
    await expect(page.get_by_text("Saved just now")).to_be_visible()
    await keyboard.press("Control+Enter")
    await expect(page.get_by_role("dialog", name="Publish")).to_be_visible()
    assert await complaints(page) == []
    await page.get_by_label("Address").focus()
    await keyboard.press("Enter")

    await expect(page.get_by_role("heading", name="Written by hand")).to_be_focused()
    assert await complaints(page) == []


async def test_a_long_text_scrolls_as_a_whole_and_its_preview_with_it(site: Site) -> None:
    page = await site.signed_in()
    await opened(page, "/write")
    source = page.get_by_label("Text, in Markdown")
    await source.fill("\n\n".join(f"## Part {n}\n\nSome words of it." for n in range(40)))
    await expect(page.get_by_label("Preview").get_by_role("heading", name="Part 39")).to_be_attached()

    assert await source.evaluate("(field) => field.scrollHeight <= field.clientHeight")
    await page.locator("#pane-write").evaluate("(pane) => pane.scrollTo(0, pane.scrollHeight)")

    await expect(page.get_by_label("Preview").get_by_role("heading", name="Part 39")).to_be_in_viewport()


async def test_a_dialog_holds_focus_and_gives_it_back(site: Site) -> None:
    page = await site.signed_in()
    await opened(page, DRAFT)
    opener = page.get_by_role("button", name="Publish…")
    await opener.focus()
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Publish")
    await dialog.wait_for()

    for _ in range(12):
        await page.keyboard.press("Tab")
        assert await dialog.evaluate("(dialog) => dialog.contains(document.activeElement)")
    await page.keyboard.press("Escape")

    await expect(opener).to_be_focused()


async def test_a_menu_is_used_by_keyboard_and_is_accessible(site: Site) -> None:
    page = await site.signed_in(width=390, theme="dark")
    await opened(page, "/")
    await page.get_by_role("button", name="Your account, Mira Okafor").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("menu").wait_for()
    assert await complaints(page) == []

    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("heading", name="Your posts")).to_be_focused()
