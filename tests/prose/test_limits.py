"""Bodies made to be costly: each is rendered, in time that grows with its length and no faster."""

from time import process_time

import pytest

import prose
from prose.limits import DEEPEST

SIZE = 32 * 1024
SECONDS = 5  # of one processor; the slowest takes one on a quiet machine


def repeated(piece: str) -> str:
    return (piece * (SIZE // len(piece) + 1))[:SIZE]


COSTLY = {
    "brackets": repeated("["),
    "pictures": repeated("!["),
    "balanced brackets": "[" * (SIZE // 2) + "a" + "]" * (SIZE // 2),
    "links that do not end": repeated("[a]("),
    "stars": repeated("*"),
    "open emphasis": repeated("*a "),
    "crossed emphasis": repeated("*a_ "),
    "backticks": repeated("`"),
    "backticks of every length": " ".join("`" * length for length in range(360)),
    "declarations": repeated("a<![CDATA["),
    "comments": repeated("a <!--"),
    "tags": repeated("<a b=c "),
    "colons": repeated("://"),
    "addresses": repeated("http://a.b "),
    "addresses with brackets": repeated("(www.a.b/"),
    "mail": repeated("a@"),
    "quotations": repeated(">"),
    "lazy quotation": ">" * 1000 + "a\n" + repeated("b\n"),
    "lists in lists": "\n".join("  " * depth + "- a" for depth in range(350)),
    "lists on one line": repeated("- "),
    "task lists": repeated("- [ ] a\n"),
    "a long table": "|a|b|\n|-|-|\n" + repeated("|c|d|\n"),
    "a wide table": "|" * 10_000 + "\n" + "|-" * 10_000 + "|\n" + repeated("|a|\n"),
    "headings of one name": repeated("# a\n"),
    "footnotes": "".join(f"[^{n}]: a\n" for n in range(4000)) + "".join(f"[^{n}]" for n in range(4000)),
    "footnotes that do not end": repeated("[^"),
    "references": "".join(f"[{n}]: /a\n" for n in range(6000)),
    "a long reference, used often": "[a]: " + "b" * 5000 + "\n\n" + repeated("[a]"),
    "strikes": repeated("~~a"),
    "one long word": repeated("x"),
    "names in a row, as C#": "```c#\n" + "a\n" * 3900 + "\n```",
    "code in many blocks": repeated("```js\n" + '\\"' * 2000 + "\n```\n"),
}


@pytest.mark.parametrize("name", COSTLY)
def test_a_costly_body_is_rendered_in_bounded_time(name: str) -> None:
    body = COSTLY[name]

    started = process_time()
    rendered = prose.render(body)

    assert process_time() - started < SECONDS
    assert len(rendered.html) < 40 * SIZE


def test_a_body_too_costly_to_parse_is_shown_as_it_was_typed() -> None:
    rendered = prose.render("*one*\ntwo\n\n" + "[" * SIZE)

    assert rendered.html.startswith("<p>*one*\ntwo</p>\n<p>[[[[")


def test_what_lies_too_deep_is_shown_as_a_paragraph() -> None:
    depth = DEEPEST + 5

    rendered = prose.render(">" * depth + " # the *end*\n\nand after")

    assert DEEPEST == rendered.html.count("<blockquote>")
    assert "# the <em>end</em>" in rendered.html
    assert "<p>and after</p>" in rendered.html


def test_ten_lists_stand_in_one_another() -> None:
    rendered = prose.render("\n".join("  " * depth + f"- item {depth}" for depth in range(12)))

    assert 10 == rendered.html.count("<ul>")
    assert all(f"item {depth}" in rendered.html for depth in range(12))
