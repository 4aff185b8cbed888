"""What a body says without its markup: plain text, an excerpt, and how long it takes to read."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from markdown_it.token import Token

EXCERPT_LENGTH = 200  # characters
WORDS_PER_MINUTE = 230
IDEOGRAPHS_PER_MINUTE = 400

# Chinese and Japanese put no spaces between words: each of their characters counts as one.
_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def text_of(inline: Token) -> str:
    """Return the words of one piece of running text; of a picture, what it says in place of itself."""
    return " ".join("".join(_pieces(inline)).split())


def _pieces(inline: Token) -> Iterator[str]:
    for child in inline.children or ():
        if child.type in ("text", "code_inline"):
            yield child.content
        elif child.type in ("softbreak", "hardbreak"):
            yield " "
        else:
            yield from _pieces(child)


def blocks(tokens: Sequence[Token]) -> list[str]:
    """Return the text of every paragraph, heading, cell and piece of code that has any."""
    texts = (text_of(token) if token.type == "inline" else token.content.rstrip() for token in tokens)
    return [text for text in texts if text.strip()]


def excerpt(tokens: Sequence[Token]) -> str:
    """Return the beginning of the first paragraphs, or of whatever text there is; cut between words, and marked where cut."""
    paragraphs = (text_of(inline) for opening, inline in pairwise(tokens) if opening.type == "paragraph_open" and opening.level == 0)
    return _beginning(paragraphs) or _beginning(blocks(tokens))


def _beginning(texts: Iterator[str] | Sequence[str]) -> str:
    taken = ""
    for text in texts:
        taken = f"{taken} {text}".strip()
        if len(taken) > EXCERPT_LENGTH:
            space = taken.rfind(" ", EXCERPT_LENGTH // 2, EXCERPT_LENGTH)
            return taken[: space if space > 0 else EXCERPT_LENGTH - 1].rstrip(" ,;:.-–—") + "…"  # noqa: RUF001 - dashes are meant
    return taken


def words_and_minutes(text: str) -> tuple[int, int]:
    """Count the words, and the minutes (at least one) that reading them takes."""
    spaced, ideographs = _IDEOGRAPH.subn(" ", text)
    words = sum(1 for word in spaced.split() if any(map(str.isalnum, word)))
    minutes = round(words / WORDS_PER_MINUTE + ideographs / IDEOGRAPHS_PER_MINUTE)
    return words + ideographs, max(1, minutes)
