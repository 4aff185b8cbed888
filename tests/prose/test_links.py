"""Where links and pictures lead."""

import pytest

import prose


def html(body: str, *, ugc: bool = False) -> str:
    return prose.render(body, ugc=ugc).html.strip().removeprefix("<p>").removesuffix("</p>")


def test_a_link_to_elsewhere_gets_no_hold_on_the_page() -> None:
    assert '<a href="https://a.b/" title="t" rel="noopener">x</a>' == html('[x](https://a.b/ "t")')
    assert '<a href="//a.b/" rel="noopener">x</a>' == html("[x](//a.b/)")


def test_a_link_within_the_site_is_plain() -> None:
    assert '<a href="/about">x</a>' == html("[x](/about)")


@pytest.mark.parametrize("body", ["[x](https://a.b/)", "https://a.b/", "<https://a.b/>", "[x](/about)", "[x](about)", "me@a.bc"])
def test_a_link_in_a_comment_earns_nothing(body: str) -> None:
    assert ' rel="nofollow ugc noopener"' in html(body, ugc=True)


def test_only_the_words_of_a_bad_link_or_picture_are_left() -> None:
    assert "a <em>b</em> c d" == html("[a *b*](javascript:x) ![c *d*](data:image/png;base64,AA)")
    assert "one two" == html("[one ![two](https://a.b/c.png)](vbscript:x)").replace(html("![two](https://a.b/c.png)"), "two")


def test_a_picture_waits_until_it_is_needed() -> None:
    assert '<img src="/a.png" alt="a b" loading="lazy" decoding="async">' == html("![a *b*](/a.png)")


def test_a_link_to_a_heading_by_its_words_finds_it() -> None:
    assert '<a href="#h-the-soil">x</a>' in html("[x](#the-soil) [y](#Nowhere)\n\n## The soil\n")
    assert '<a href="#Nowhere">y</a>' in html("[x](#the-soil) [y](#Nowhere)\n\n## The soil\n")


@pytest.mark.parametrize(
    ("text", "linked", "address"),
    [
        ("see https://a.b/c.", "https://a.b/c", "https://a.b/c"),
        ("(https://a.b/c)", "https://a.b/c", "https://a.b/c"),
        ("https://a.b/c_(d)", "https://a.b/c_(d)", "https://a.b/c_(d)"),
        ("https://a.b/__init__.py!", "https://a.b/__init__.py", "https://a.b/__init__.py"),
        ("*https://a.b/*", "https://a.b/", "https://a.b/"),
        ("https://a.b/?x=1&y=2&amp;", "https://a.b/?x=1&amp;y=2", "https://a.b/?x=1&amp;y=2"),
        ("www.a.b, and", "www.a.b", "http://www.a.b"),
        ("http://localhost:8080", "http://localhost:8080", "http://localhost:8080"),
        ("https://bücher.example/ü", "https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ("to me.too+x@a-b.co.uk.", "me.too+x@a-b.co.uk", "mailto:me.too+x@a-b.co.uk"),
    ],
)
def test_a_bare_address_is_a_link_without_the_sentence_around_it(text: str, linked: str, address: str) -> None:
    assert f'<a href="{address}"' in html(text)
    assert f">{linked}</a>" in html(text)


@pytest.mark.parametrize(
    "text", ["readme.md", "a.b/c", "xhttps://a.b", "http://", "https://.a", "me@home", "`https://a.b`", "a:b", "@someone"]
)
def test_what_only_resembles_an_address_is_not_linked(text: str) -> None:
    assert "<a " not in html(text)


def test_a_long_reference_used_often_does_not_multiply_the_page() -> None:
    body = f"[a]: /{'b' * 5000}\n\n" + "[a] " * 5000

    assert len(prose.render(body).html) < 2_000_000
