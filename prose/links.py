"""Where the links and pictures of a body may lead, and what a browser and a search engine are told about them."""

import re
from collections.abc import Collection, Sequence
from urllib.parse import unquote

from markdown_it.token import Token

from prose.limits import LINKED_CHARACTERS
from prose.outline import HEADING_PREFIX
from prose.slugs import slug
from prose.text import text_of

SCHEMES = frozenset({"http", "https", "mailto", "tel"})

_SCHEME = re.compile(r"([^/?#:]*):")  # in the widest sense: what precedes a colon must be a scheme that we know
_ELSEWHERE = re.compile(r"(?:https?:)?//", re.IGNORECASE)


def settle_links(tokens: Sequence[Token], *, headings: Collection[str], ugc: bool) -> None:
    """Mark the links and pictures of a body; of one that may not stand, only its words are left.

    `headings` are the ids that exist: a link to `#some-words` leads to the heading of these words. `ugc` is text by anybody, whose links
    earn nothing from search engines.
    """
    spent = 0
    unlinked = False
    for child in (child for inline in tokens for child in inline.children or ()):
        if child.type == "link_close":
            child.hidden = unlinked  # links do not nest: it closes the one opened last
        elif child.type in ("link_open", "image"):
            address = str(child.attrs["href" if child.type == "link_open" else "src"])
            spent += len(address) + len(str(child.attrs.get("title", "")))
            stands = spent <= LINKED_CHARACTERS and _may_stand(address)
            if child.type == "image":
                _settle_image(child, stands=stands)
            else:
                child.attrs |= _link_attributes(address, headings, ugc=ugc)
                child.hidden = unlinked = not stands


def _may_stand(address: str) -> bool:
    scheme = _SCHEME.match(address)
    return scheme is None or scheme[1].lower() in SCHEMES


def _settle_image(image: Token, *, stands: bool) -> None:
    if stands:
        image.attrs |= {"loading": "lazy", "decoding": "async"}
    else:
        image.type, image.content = "text", text_of(image)


def _link_attributes(address: str, headings: Collection[str], *, ugc: bool) -> dict[str, str]:
    if address.startswith("#"):
        heading = HEADING_PREFIX + slug(unquote(address[1:]), fallback="section")
        return {"href": f"#{heading}"} if heading in headings else {}
    if ugc:
        return {"rel": "nofollow ugc noopener"}
    return {"rel": "noopener"} if _ELSEWHERE.match(address) else {}
