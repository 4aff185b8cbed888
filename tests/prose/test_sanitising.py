"""Nothing that a body says becomes a script, a style, or an address that does something."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

import prose
from prose.sanitising import sanitise

ATTACKS = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "a <img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=alert(1)&gt;">',
    '<iframe src="javascript:alert(1)"></iframe>',
    '<a href="javascript:alert(1)">a</a>',
    "<form action=//x><button>b</button></form>",
    '<div style="background:url(javascript:alert(1))">a</div>',
    "<base href=//x>",
    "<meta http-equiv=refresh content=0;url=//x>",
    "<link rel=stylesheet href=//x>",
    "<details open ontoggle=alert(1)>",
    '<plaintext><noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](  javascript:alert(1))",
    "[a](<java\tscript:alert(1)>)",
    "[a](java&#10;script:alert(1))",
    "[a](&#1;javascript:alert(1))",
    "[a](javascript&colon;alert(1))",
    "[a](jav&#x61;script:alert(1))",
    "[a](vbscript:msgbox(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a](file:///etc/passwd)",
    "[a](blob:x)",
    "[a][b]\n\n[b]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "![a](javascript:alert(1))",
    "![a](data:image/svg+xml;base64,PHN2Zz4=)",
    "![a](data:image/png;base64,AAAA)",
    '![a](x"onerror="alert(1))',
    '![a" onerror="alert(1)](x)',
    '![a](x "t\\" onerror=\\"alert(1)")',
    '[a](x "t\\" onclick=\\"alert(1)")',
    'https://x"onmouseover="alert(1)',
    '<https://x"onmouseover=alert(1)>',
    'www.x"onmouseover=alert(1)//.y',
    '```"onmouseover="alert(1)\nx\n```',
    "```js\n</code></pre><script>alert(1)</script>\n```",
    '``` "><script>alert(1)</script>\nx\n```',
    "`</code><script>alert(1)</script>`",
    '# <img src=x onerror=alert(1)>" id=x',
    '# " onclick="alert(1)',
    'a[^"onclick="alert(1)]\n\n[^"onclick="alert(1)]: <script>alert(1)</script>',
    "|a|\n|-|\n|<script>alert(1)</script>|",
    "- [x] <input autofocus onfocus=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo '<script>alert(1)</script>' ?>",
    "\u2028<script>alert(1)</script>",
]
_ELEMENTS = "h2 h3 h4 h5 h6 p blockquote pre code hr br em strong s a img sup span ul ol li input section div table thead tbody tr th td"
_ATTRIBUTES = "id href src alt title rel class start tabindex role aria-label loading decoding type disabled checked"
ELEMENTS = frozenset(_ELEMENTS.split())
ATTRIBUTES = frozenset(_ATTRIBUTES.split())
SCHEMES = ("http:", "https:", "mailto:", "tel:")


class Page(HTMLParser):
    """Reads a page as a browser would, and stops at what should not be there."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ELEMENTS
        for name, value in attrs:
            assert name in ATTRIBUTES
            if name in ("href", "src"):
                head = (value or "").split("/")[0].split("?")[0].split("#")[0].lower()
                assert ":" not in head or head.startswith(SCHEMES)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)


def read(html: str) -> None:
    page = Page()
    page.feed(html)
    page.close()


@pytest.mark.parametrize("ugc", [False, True])
@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_leaves_nothing_but_words(attack: str, ugc: bool) -> None:  # noqa: FBT001 - pytest passes it
    read(prose.render(attack, ugc=ugc).html)
    read(prose.render(f"> 1. {attack}\n\nand {attack} again *{attack}*", ugc=ugc).html)


@given(st.lists(st.sampled_from([*ATTACKS, *"[]()<>\"'`*\n ", "](", "javascript:", "&#x0A;", "\n\n", "> ", "```"])).map("".join))
def test_no_mixture_of_attacks_leaves_anything_but_words(body: str) -> None:
    read(prose.render(body).html)


def test_the_sanitiser_is_enough_by_itself() -> None:
    """Whatever the steps before it let through."""
    for attack in ATTACKS:
        read(sanitise(attack))
    assert "<p>a</p>" == sanitise('<p class="bar" id="page" style="x">a</p>')
    assert '<span class="k">a</span>' == sanitise('<span class="k btn">a</span>')
