"""What `render` makes of whole bodies."""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import prose
from prose import Heading

FIXTURES = Path(__file__).parent / "fixtures"
MARKUP = st.lists(
    st.sampled_from([*"[]()*_`#>-|~:!<&\\^1a \n", "\n\n", "```", "http://a.b", "[^1]", "[^1]: ", "- [ ] ", "|-|", "<b>", "&amp;", "\0"])
)


def test_everything_that_authors_use_looks_as_recorded() -> None:
    body = (FIXTURES / "everything.md").read_text()

    rendered = prose.render(body)

    # If this page changes, a stored page changes too: look at the difference, raise RENDERER_VERSION and record it again.
    assert (FIXTURES / "everything.html").read_text() == rendered.html
    assert (2, 156, 1) == (prose.RENDERER_VERSION, rendered.words, rendered.reading_minutes)


def test_a_word_that_fills_many_lines_may_break_and_no_other_one() -> None:
    long, text, code = (
        prose.render(body).html for body in ("x" * 2500 + " & y", "word " * 1000 + "墨" * 2500, "```\n" + "x" * 2500 + "\n```")
    )

    assert f"<p>{'x' * 1000}<wbr>{'x' * 1000}<wbr>{'x' * 500} &amp; y</p>\n" == long
    assert "<wbr>" not in text + code


def test_the_contents_list_the_headings_of_the_body_itself() -> None:
    rendered = prose.render((FIXTURES / "everything.md").read_text())

    assert (
        Heading(2, "h-the-garden-in-every-tense", "The garden, in every tense"),
        Heading(3, "h-watering", "Watering"),
        Heading(4, "h-the-soil", "The soil"),
        Heading(4, "h-the-soil-2", "The soil"),
        Heading(3, "h-земля-и-土", "Земля и 土"),
        Heading(6, "h-smallest", "Smallest"),
    ) == rendered.toc


def test_headings_keep_their_levels_where_no_h1_is_among_them() -> None:
    rendered = prose.render("## Two\n\n### Three\n")

    assert [2, 3] == [heading.level for heading in rendered.toc]


def test_no_two_headings_share_an_id_whatever_they_are_called() -> None:
    rendered = prose.render("# a\n\n# a\n\n# a-2\n\n# a\n\n# ?\n\n# !\n\n> # a\n")

    ids = re.findall(r' id="([^"]+)"', rendered.html)
    assert ["h-a", "h-a-2", "h-a-2-2", "h-a-3", "h-section", "h-section-2", "h-a-4"] == ids


def test_the_same_footnote_in_two_comments_has_two_ids() -> None:
    first = prose.render("one[^1]\n\n[^1]: note\n", ugc=True)
    second = prose.render("two[^1]\n\n[^1]: note\n", ugc=True)

    ids = re.findall(r' id="([^"]+)"', first.html + second.html)
    assert 4 == len(set(ids))


def test_headings_of_a_comment_stand_below_those_of_the_page_and_have_no_ids() -> None:
    rendered = prose.render("# One\n\n## Two\n", ugc=True)

    assert "<h3>One</h3>\n<h4>Two</h4>\n" == rendered.html
    assert () == rendered.toc


def test_the_words_of_raw_html_stay_and_its_tags_go() -> None:
    rendered = prose.render(
        "a <b>bold</b> word<script>alert(1)</script>\n\n<div><p>one</p><p>two &amp; three</p><style>x</style></div>\n\n<!-- no -->\n"
    )

    assert "<p>a bold word</p>\n<p>one two &amp; three</p>\n" == rendered.html


def test_text_that_is_no_markdown_stays_as_it_is() -> None:
    rendered = prose.render('1 < 2 & "3" > 2\n')

    assert '<p>1 &lt; 2 &amp; "3" &gt; 2</p>\n' == rendered.html


def test_an_empty_body_is_an_empty_page() -> None:
    assert prose.Rendered("", (), "", 0, 1) == prose.render("")


def test_half_a_surrogate_pair_does_no_harm() -> None:
    assert "<p>a?b</p>\n" == prose.render("a\ud800b").html


@given(st.text() | MARKUP.map("".join))
def test_no_text_is_refused(body: str) -> None:
    rendered = prose.render(body)

    assert rendered == prose.render(body)
    assert prose.render(body, ugc=True).words == rendered.words
    assert rendered.reading_minutes >= 1


@given(MARKUP.map("".join))
def test_no_two_ids_on_a_page_are_equal(body: str) -> None:
    ids = re.findall(r'<[^>]* id="([^"]+)"', prose.render(body).html)

    assert sorted(set(ids)) == sorted(ids)


def test_what_was_rendered_is_remembered_for_its_readers_and_by_who_wrote_it() -> None:
    body = "# A heading that nobody else has\n\n[a link](https://example.org)"

    assert prose.render(body) is prose.render(body)
    assert prose.render(body).html != prose.render(body, ugc=True).html
    assert prose.render(body, ugc=True) is prose.render(body, ugc=True)
