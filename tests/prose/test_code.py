"""Highlighting marks code and changes none of it; the stylesheet has a readable colour for every mark."""

import re
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import prose
from prose.code import CLASSES, LANGUAGES, Highlighter

STYLES = Path(__file__).parents[2] / "frontend" / "src" / "styles" / "code.css"
SUNKEN = ("#F4F1EB", "#262421")  # --sunken, light and dark, which code stands on
TEXT_3 = ("#6E685F", "#9C9589")
RULE = re.compile(r"pre code \.(\w)\s*\{\s*color:\s*(?:light-dark\((#\w{6}),\s*(#\w{6})\)|var\(--text-3\))")


def shown(code: str, language: str) -> str:
    return unescape(re.sub(r"</?span[^>]*>", "", Highlighter().highlight(code, language)))


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_every_mark_has_a_colour_that_can_be_read_in_light_and_dark() -> None:
    colours = {name: (light, dark) if light else TEXT_3 for name, light, dark in RULE.findall(STYLES.read_text())}

    assert CLASSES == set(colours)
    for pair in colours.values():
        assert min(contrast(colour, ground) for colour, ground in zip(pair, SUNKEN, strict=True)) >= 4.5


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_is_known_to_pygments_and_marks_or_leaves_code_as_it_is(language: str) -> None:
    code = "\n  def f(x): # 'note'\n\treturn <a> \"b\" {1.5} </a> // ok\n\n"

    assert code == shown(code, language)


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\ufeff")),
    st.sampled_from(["python", "HTML", "js", "diff", "none"]),
)
def test_highlighting_changes_no_character(code: str, language: str) -> None:
    assert code == shown(code, language)


def test_code_is_marked_by_classes_alone() -> None:
    html = prose.render("```py\ndef f(): pass\n```").html

    assert (
        '<pre tabindex="0"><code class="language-py"><span class="k">def</span> <span class="f">f</span>(): <span class="k">pass</span>\n'
        in html
    )
    assert "style" not in html


def test_code_of_an_unknown_language_is_shown_plain() -> None:
    assert "a &lt; b" == Highlighter().highlight("a < b", "brainscript")


@pytest.mark.parametrize("filling", ["\n" * 200, "name " * 60, "+1" * 1000])
def test_what_is_no_code_is_shown_plain(filling: str) -> None:
    code = f"if 1: {filling} pass"

    assert code == Highlighter().highlight(code, "python")


def test_a_body_has_an_allowance_for_highlighting() -> None:
    highlighter = Highlighter()
    block = "x = 1\n" * 1000  # 6,000 characters

    marked = [highlighter.highlight(block, "python") != block for _ in range(3)]

    assert [True, False, False] == marked
