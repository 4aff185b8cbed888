"""The one function that turns what people write into what people read."""

from dataclasses import dataclass
from hashlib import sha256
from threading import Lock

from cachetools import LRUCache, cached

from prose.html import to_html
from prose.links import settle_links
from prose.outline import Heading, outline, shown_lower
from prose.parsing import parse
from prose.sanitising import sanitise
from prose.text import blocks, excerpt, words_and_minutes

RENDERER_VERSION = 2
"""Part of the version of every projection that stores what `render` returns: raise it when the same body renders otherwise than before."""

REMEMBERED = 32 << 20  # characters of HTML
_COMMENT_HEADINGS = 2  # a comment stands under a heading of its page, so its own begin at h3


@dataclass(frozen=True, slots=True)
class Rendered:
    """A body as shown: HTML that is safe on any page, its contents, its beginning as plain text, its length."""

    html: str
    toc: tuple[Heading, ...]
    excerpt: str
    words: int
    reading_minutes: int


def _key(body: str, *, ugc: bool = False) -> bytes:
    return sha256((b"comment:" if ugc else b"article:") + body.encode("utf-8", "surrogatepass")).digest()


@cached(LRUCache(REMEMBERED, getsizeof=lambda shown: 1000 + len(shown.html)), key=_key, lock=Lock())
def render(body: str, *, ugc: bool = False) -> Rendered:
    """Render Markdown. Never raises, and takes time bounded by the length of the body, whatever is in it.

    The last results are remembered: a view that is folded again, or a text that is shown again, is not rendered again.
    `ugc` is for what anybody may write, such as comments: several of them share a page, so their headings have no ids and are not listed,
    and the ids of their footnotes carry a digest of the body; their links are marked `nofollow ugc`.
    """
    tokens = parse(body)
    if ugc:
        shown_lower(tokens, _COMMENT_HEADINGS)
        toc: tuple[Heading, ...] = ()
        scope = sha256(body.encode("utf-8", "replace")).hexdigest()[:8] + "-"
    else:
        toc = outline(tokens)
        scope = ""
    settle_links(tokens, headings={heading.id for heading in toc}, ugc=ugc)
    words, minutes = words_and_minutes(" ".join(blocks(tokens)))
    return Rendered(sanitise(to_html(tokens, scope=scope)), toc, excerpt(tokens), words, minutes)


def plain_text(body: str) -> str:
    """Return the words of a body without its markup, a line for each paragraph, heading, cell and piece of code."""
    return "\n".join(blocks(parse(body)))
