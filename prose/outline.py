"""The headings of a body: their levels on the page, their ids, and the contents that they make."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markdown_it.token import Token

from prose.slugs import slug
from prose.text import text_of

# Every heading's id starts so. A page gives no such id to anything else, so a heading can not pass for a part of the page.
HEADING_PREFIX = "h-"
_LOWEST = 6


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading as shown: its level on the page (2 to 6), its id and its words."""

    level: int
    id: str
    text: str


def outline(tokens: Sequence[Token]) -> tuple[Heading, ...]:
    """Give the headings their levels and ids, and return those that divide the body itself, not a quotation or a list in it.

    The page's only h1 is its title: where a body has an h1, all its headings move down by one.
    """
    shown_lower(tokens, any(token.tag == "h1" for token in tokens))
    names = _Names()
    headings = []
    for opening, inline in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        text = text_of(inline)
        opening.attrs["id"] = name = names.name_for(text)
        if opening.level == 0 and text:
            headings.append(Heading(int(opening.tag[1:]), name, text))
    return tuple(headings)


def shown_lower(tokens: Sequence[Token], levels: int) -> None:
    """Move all headings down by so many levels, the lowest ones staying where they are."""
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + levels, _LOWEST)}"


class _Names:
    """The ids given so far, so that no two are equal."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def name_for(self, text: str) -> str:
        base = name = HEADING_PREFIX + slug(text, fallback="section")
        while name in self._given:
            self._given[base] += 1
            name = f"{base}-{self._given[base]}"
        self._given[name] = 1
        return name
