"""From nothing to a post that others talk about."""

import pytest
from playwright.async_api import expect

from tests.journeys.conftest import Visit

pytestmark = pytest.mark.journey

BODY = """
A paragraph with *emphasis*, **weight**, `code` and a [link](https://example.org/?a=1&b=2).

## A heading

| left | right |
| :--- | ----: |
| 1    | 2     |

- [x] done
- [ ] to do

```python
def answer() -> int:
    return 42
```

A footnote.[^1]

<script>alert("no")</script>

[^1]: At the end.
"""
# How far the words of an element stand from the edges of what they stand in.
GAPS = """(element) => {
  const words = document.createRange();
  words.selectNodeContents(element);
  const [is, around] = [words.getBoundingClientRect(), element.closest("article").getBoundingClientRect()];
  return { left: is.left - around.left, right: around.right - is.right };
}"""


async def test_a_post_goes_from_its_author_to_a_reader_and_an_answer_comes_back(visit: Visit) -> None:
    author = await visit("Ada Writer")
    await author.goes_to("/")
    await author.page.get_by_role("banner").get_by_role("link", name="Sign up").click()
    await author.signs_up()
    await author.page.get_by_role("banner").get_by_role("link", name="Write").click()
    await author.writes("How ink flows", BODY)
    await expect(author.preview.get_by_text("At the end.")).to_be_visible()
    seen_before = await author.preview.inner_html()
    await author.publishes()
    published = await author.page.locator(".prose").inner_html()
    address = author.page.url
    await author.signs_out()

    reader = await visit("Ben Reader")
    await reader.has_an_account()
    await reader.goes_to(address)
    served = await reader.page.locator(".prose").inner_html()
    await reader.comments("I *like* it.")
    await author.page.get_by_role("banner").get_by_role("link", name="Sign in").click()
    await author.signs_in()
    await author.page.get_by_role("link", name="How ink flows").first.click()

    said = author.page.get_by_role("listitem").filter(has_text="Ben Reader")
    await expect(said.locator("em")).to_have_text("like")
    await expect(author.page.get_by_role("heading", name="1 comment")).to_be_visible()
    assert seen_before.strip() == published.strip() == served.strip()
    assert "alert" not in await author.page.locator(".prose script").all_inner_texts()


async def test_what_is_written_from_right_to_left_stands_at_the_right(visit: Visit) -> None:
    author = await (await visit("نور")).has_an_account()
    await author.goes_to("/write")
    await author.writes("عن الحبر والورق", "- بند أول\n- `code` ثان\n\n```python\nx = 1\n```\n")
    await expect(author.preview.get_by_role("listitem")).to_have_count(2)
    await author.publishes()

    for part, expected in (("h1", "right"), (".prose li", "right"), (".prose code", "left")):
        gaps = await author.page.locator(part).last.evaluate(GAPS)
        assert expected == ("right" if gaps["right"] < gaps["left"] else "left"), part
