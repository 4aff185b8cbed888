import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from query_service.pages import Document, Pages, words
from query_service.pages.assets import MANIFEST, Assets
from tests.query_service.markup import SAMPLES, Markup, sample

FONTS = "node_modules/@fontsource-variable"
BUILT = {
    "src/theme.ts": {"file": "assets/theme-1.js"},
    "src/main.tsx": {"file": "assets/main-2.js", "css": ["assets/main-3.css"]},
    "src/icon.svg": {"file": "assets/icon-4.svg"},
    f"{FONTS}/inter/files/inter-latin-wght-normal.woff2": {"file": "assets/inter-5.woff2"},
    f"{FONTS}/source-serif-4/files/source-serif-4-latin-wght-normal.woff2": {"file": "assets/serif-6.woff2"},
    f"{FONTS}/source-serif-4/files/source-serif-4-latin-wght-italic.woff2": {"file": "assets/serif-7.woff2"},
}
VALUES = {
    "theme": "/assets/theme-1.js",
    "entry": "/assets/main-2.js",
    "stylesheet": "/assets/main-3.css",
    "icon": "/assets/icon-4.svg",
    "font_ui": "/assets/inter-5.woff2",
    "font_text": "/assets/serif-6.woff2",
    "font_italic": "/assets/serif-7.woff2",
}
# What the samples leave out of the API's replies.
LEFT_OUT: dict[str, Any] = {"cover": None, "language": None}
LIVE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{ 7*7 }}\u2028"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / MANIFEST).parent.mkdir()
    (tmp_path / MANIFEST).write_text(json.dumps(BUILT))
    return tmp_path


@pytest.fixture
def pages(built: Path) -> Pages:
    return Pages(Assets(built), "https://blog.example")


def reply(name: str) -> bytes:
    """What the API replied for a sample page."""
    data = Markup(sample(name, VALUES)).json
    return json.dumps({**LEFT_OUT, **data} if name == "article" else data).encode()


@pytest.mark.parametrize(
    ("name", "write"),
    [("home", "home"), ("home-empty", "home"), ("profile", "profile"), ("article", "article"), ("not-found", "not_found")],
)
def test_a_page_is_to_the_letter_what_the_app_makes_of_the_same_data(pages: Pages, name: str, write: str) -> None:
    expected = Markup(sample(name, VALUES))

    page = Markup(getattr(pages, write)(reply(name)))

    assert expected.pieces == page.pieces
    assert json.loads(reply(name)) == page.json


def test_the_shell_is_what_the_app_begins_with(pages: Pages) -> None:
    assert Markup(sample("shell", VALUES)).pieces == Markup(pages.shell()).pieces


def test_every_sample_is_compared() -> None:
    assert {"home", "home-empty", "profile", "article", "not-found", "shell"} == {file.stem for file in SAMPLES.glob("*.html")}


def test_without_the_built_app_a_page_has_its_text_and_no_script_or_style(tmp_path: Path) -> None:
    page = Markup(Pages(Assets(tmp_path), "https://blog.example").article(reply("article")))

    assert [{"type": "application/json", "id": "page"}] == page.elements("script")
    assert [] == page.elements("link")
    assert ("text", "The log is the story: writing software that remembers") in page.pieces


def test_the_app_is_found_once_it_is_built(tmp_path: Path, built: Path) -> None:
    assets = Assets(tmp_path / "dist")
    reason = assets.look()

    (tmp_path / "dist").symlink_to(built)

    assert "not built" in str(reason)
    assert (None, "/assets/main-2.js") == (assets.look(), assets.built.entry if assets.built else None)


def test_a_broken_manifest_is_named(built: Path) -> None:
    (built / MANIFEST).write_text('{"src/main.tsx": {}}')

    assert "is no manifest" in str(Assets(built).look())


def everywhere(data: Any) -> Any:
    """The same data with what an attacker types in every text that a person may choose."""
    if isinstance(data, dict):
        chosen = {"title", "name", "bio", "excerpt", "summary", "body", "text", "cover", "language"}
        return {name: LIVE if name in chosen else everywhere(value) for name, value in data.items()}
    if isinstance(data, list):
        return [LIVE if isinstance(each, str) else everywhere(each) for each in data]
    return data


@pytest.mark.parametrize("name", ["home", "profile", "article"])
def test_nothing_that_people_type_is_live_in_a_page(pages: Pages, name: str) -> None:
    data = everywhere(json.loads(reply(name)))

    html = getattr(pages, name)(json.dumps(data, ensure_ascii=False).encode())

    page, harmless = Markup(html), Markup(getattr(pages, name)(reply(name)))
    assert data == page.json
    assert harmless.elements("script") == page.elements("script")
    assert [] == page.elements("img")
    assert all(
        not attribute.startswith("on")
        for tag in ("a", "span", "li", "p", "html", "meta")
        for each in page.elements(tag)
        for attribute in each
    )
    assert "\u2028" not in html.partition('id="page">')[2]


@pytest.mark.parametrize("name", ["home", "profile", "article", "not-found", "shell"])
def test_no_page_has_inline_script_or_style(pages: Pages, name: str) -> None:
    html = pages.shell() if name == "shell" else getattr(pages, name.replace("-", "_"))(reply(name))

    assert all("src" in each or each.get("type") == "application/json" for each in Markup(html).elements("script"))
    assert None is re.search(r"<style| style=| on[a-z]+=", html)


def test_an_article_says_what_it_is_to_whoever_links_to_it(pages: Pages) -> None:
    data = {**json.loads(reply("article")), "cover": "https://pictures.example/1.jpg", "language": "de"}

    page = Markup(pages.article(json.dumps(data).encode()))

    assert {
        "og:type": "article",
        "og:site_name": "Inkstream",
        "og:title": data["title"],
        "og:description": data["summary"],
        "og:url": "https://blog.example/@mira/the-log-is-the-story",
        "og:image": "https://pictures.example/1.jpg",
    } == page.graph
    assert [{"lang": "de"}] == page.elements("html")


def test_the_slanted_face_is_loaded_ahead_where_a_text_has_slanted_words(pages: Pages) -> None:
    upright = {**json.loads(reply("article")), "html": "<p>So it <strong>is</strong>.</p>"}

    assert "serif-7" in pages.article(reply("article"))
    assert "serif-7" not in pages.article(json.dumps(upright).encode())


def test_what_failed_says_so_and_keeps_the_app_out(pages: Pages) -> None:
    problem = {"type": "/problems/unavailable", "title": "Unavailable", "status": 503, "detail": "try again <soon>", "request_id": "r-1"}

    page = Markup(pages.failed(json.dumps(problem).encode()))

    assert ("text", "Try again <soon>.") in page.pieces
    assert {"class": "btn outline", "href": ""} in page.elements("a")
    assert [{"src": "/assets/theme-1.js"}] == page.elements("script")


def test_pages_about_the_api_read_well(pages: Pages) -> None:
    docs = pages.docs([Document("/api/query/openapi.json", "what everybody reads")], {"gone": "It was deleted."})
    problem = pages.problem("gone", "Gone", "It was deleted.")

    assert {"/api/query/openapi.json", "/problems/gone"} <= {each["href"] for each in Markup(docs).elements("a")}
    assert ("text", "It was deleted.") in Markup(problem).pieces


def test_answers_stand_at_most_three_levels_below_the_first() -> None:
    comments = [{"depth": depth, "id": depth} for depth in range(6)]

    line = words.nested(comments)
    levels = []
    while line:
        levels.append([node.comment["id"] for node in line])
        line = line[0].answers

    assert [[0], [1], [2], [3, 4, 5]] == levels


def test_an_answer_whose_parent_is_on_an_earlier_page_begins_at_the_level_it_can() -> None:
    roots = words.nested([{"depth": 2, "id": 1}, {"depth": 3, "id": 2}, {"depth": 0, "id": 3}])

    assert [(1, [2]), (3, [])] == [(root.comment["id"], [answer.comment["id"] for answer in root.answers]) for root in roots]


@pytest.mark.parametrize(("number", "said"), [(0, "0 comments"), (1, "1 comment"), (14, "14 comments"), (1204, "1,204 comments")])
def test_numbers_are_said_as_the_app_says_them(number: int, said: str) -> None:
    assert said == words.counted(number, "comment")


@pytest.mark.parametrize(
    ("time", "said"),
    [("2025-11-09T09:00:00.000Z", "9 Nov 2025"), ("2026-05-31T23:59:59.999000Z", "31 May 2026"), ("1969-07-20T20:17:40Z", "20 Jul 1969")],
)
def test_days_are_said_as_the_app_says_them(time: str, said: str) -> None:
    assert said == words.day(time)


@pytest.mark.parametrize(("name", "letter"), [("Ada", "A"), ("åsa", "Å"), ("", "?"), ("ßen", "SS"), ("🙂", "🙂")])
def test_an_avatar_shows_the_first_letter_in_capitals(name: str, letter: str) -> None:
    assert letter == words.initial(name)


def test_an_app_that_is_built_anew_is_found_again(built: Path) -> None:
    assets = Assets(built)
    before = assets.built

    (built / MANIFEST).unlink()
    while_building = assets.built
    (built / MANIFEST).write_text(json.dumps({**BUILT, "src/theme.ts": {"file": "assets/theme-9.js"}}))
    os.utime(built / MANIFEST, ns=(1, 1))
    after = assets.built

    assert before is not None
    assert before == while_building
    assert after is not None
    assert ("/assets/theme-1.js", "/assets/theme-9.js") == (before.theme, after.theme)
