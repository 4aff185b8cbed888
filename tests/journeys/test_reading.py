"""Reading: with scripts and without, steady from the first picture on, in the theme that was chosen."""

import pytest
from playwright.async_api import expect

from tests.journeys.blog import TITLE, Blog
from tests.journeys.conftest import Visit
from tests.kit.browser import WIDTHS, opened, shifts

pytestmark = pytest.mark.journey

NOWHERE = "/no/such/page"
BACKGROUNDS = """
  window.backgrounds = new Set();
  const look = () => {
    if (document.body) window.backgrounds.add(getComputedStyle(document.body).backgroundColor);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
"""
PAPER, NIGHT = "rgb(252, 251, 248)", "rgb(21, 20, 18)"


async def test_everything_can_be_read_without_scripts(visit: Visit, blog: Blog) -> None:
    page = (await visit(scripts=False)).page

    await page.goto("/")
    await page.get_by_role("link", name=TITLE).first.click()
    await expect(page.get_by_role("heading", name=TITLE, level=1)).to_be_visible()
    await expect(page.get_by_text("A list is a promise to look again.")).to_be_visible()
    await expect(page.get_by_role("table")).to_be_visible()
    await expect(page.get_by_text("Because of 2014.")).to_be_visible()
    await expect(page.get_by_role("button")).to_have_count(0)
    await expect(page.get_by_role("textbox")).to_have_count(0)
    await page.get_by_role("article").get_by_role("link", name=blog.author.user["name"]).click()

    await expect(page.get_by_role("heading", name=blog.author.user["name"], level=1)).to_be_visible()
    await expect(page.get_by_role("link", name=TITLE)).to_be_visible()


async def test_a_page_that_is_not_there_says_so_without_scripts(visit: Visit) -> None:
    visitor = await visit(scripts=False)
    visitor.expected = {404}

    response = await visitor.page.goto(NOWHERE)

    assert response is not None
    assert response.status == 404
    await expect(visitor.page.get_by_role("heading", name="There is no page here", level=1)).to_be_visible()
    await expect(visitor.page.get_by_role("link", name="Latest posts")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_app_takes_over_without_moving_anything(visit: Visit, blog: Blog, width: int) -> None:
    stranger = await visit(width=width)
    somebody = await (await visit(width=width)).has_an_account()
    stranger.expected = somebody.expected = {404}
    await somebody.goes_to("/")  # from now on this browser knows who is here

    for path in ("/", blog.path, blog.profile, blog.silent_profile, NOWHERE):
        for page in (stranger.page, somebody.page):
            await opened(page, path)

            assert await shifts(page) == [], path


async def test_a_chosen_theme_is_there_from_the_first_frame_on(visit: Visit, blog: Blog) -> None:
    page = (await visit(theme="light")).page
    await page.add_init_script(BACKGROUNDS)

    for theme, other, background in (("Dark", "system", NIGHT), ("Light", "dark", PAPER), ("System", "light", PAPER)):
        await opened(page, blog.path)
        await page.get_by_role("button", name=f"Theme: {other}").click()
        await page.get_by_role("menuitemradio", name=theme).click()
        await expect(page.get_by_role("button", name=f"Theme: {theme.lower()}")).to_be_visible()
        await opened(page, blog.profile)

        assert await page.evaluate("[...window.backgrounds]") == [background]
