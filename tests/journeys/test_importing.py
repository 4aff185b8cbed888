"""A blog from elsewhere moves in with its dates, and once."""

import shutil
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.journeys.conftest import Visit
from tests.kit.system import System

pytestmark = pytest.mark.journey

OLD_BLOG = Path(__file__).parent / "old_blog"


async def test_the_posts_of_another_blog_are_readable_at_their_pages(visit: Visit, system: System, tmp_path: Path) -> None:
    author = await (await visit("Ida Mover")).has_an_account()
    page = author.page
    shutil.copytree(OLD_BLOG, tmp_path / "blog")

    first = system.inkctl("import", "markdown", str(tmp_path / "blog"), "--as", author.handle)
    second = system.inkctl("import", "markdown", str(tmp_path / "blog"), "--as", author.handle)

    assert "3 created, 0 revised, 0 unchanged" in first.stdout
    assert "0 created, 0 revised, 3 unchanged" in second.stdout
    await author.goes_to(f"/@{author.handle}")
    await expect(page.get_by_role("article")).to_have_count(2)
    await expect(page.get_by_text("1 Dec 2020")).to_be_visible()
    await page.get_by_role("link", name="Taking stock").click()
    text = page.locator(".prose")
    await expect(page.get_by_role("article").get_by_text("7 Mar 2019")).to_be_visible()
    await expect(page.get_by_role("list", name="Tags").get_by_role("listitem")).to_have_text(["ledgers", "paper"])
    await expect(text.get_by_role("table").get_by_role("row")).to_have_count(3)
    await expect(text.get_by_role("checkbox", checked=True)).to_have_count(1)
    await expect(text.get_by_role("checkbox", checked=False)).to_have_count(1)
    await expect(text.get_by_text("Twice in 2014")).to_be_visible()
    keyword = text.locator("pre span", has_text="def").first
    plain = text.locator("p").first
    colours = [await each.evaluate("(one) => getComputedStyle(one).color") for each in (keyword, plain)]
    assert len(set(colours)) == 2
    await author.goes_to("/drafts")
    await expect(page.get_by_role("link", name="Not yet")).to_be_visible()
