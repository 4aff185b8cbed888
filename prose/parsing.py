"""Markdown to tokens: CommonMark with GFM's tables, strikethrough, task lists, footnotes and bare links; raw HTML loses its tags.

Of the 652 examples of CommonMark 0.31.2 (npm `commonmark-spec`), 580 have no raw HTML: 570 give the same structure, and the other ten
differ on purpose (four have bare links, five a scheme that no link here may have, one a language called `;`).
"""

import html
import re
from functools import cache
from itertools import chain

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from prose.autolinks import bare_links
from prose.limits import Allowance, TooMuchWork, bounded

# What stands between the tags of these is not text for readers.
_NOT_TEXT = {"script", "style", "template", "iframe", "object", "noscript", "svg", "math", "title"}
_WORDS_OF_HTML = nh3.Cleaner(tags=set(), clean_content_tags=_NOT_TEXT)
_OPENED = re.compile(rf"<({'|'.join(_NOT_TEXT)})\b", re.IGNORECASE)
_PART_ENDS = re.compile(r"<br\b|</(?:p|div|li|t[dhr]|d[td]|h[1-6]|summary|figcaption)\b", re.IGNORECASE)
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def parse(body: str) -> list[Token]:
    """Return the tokens of a body, with no raw HTML in them; never raises. A body too costly to parse comes back as it was typed."""
    text = body.encode("utf-8", "replace").decode()  # half a surrogate pair has no place in UTF-8
    try:
        return _parser().parse(text, {Allowance.KEY: Allowance(text)})
    except TooMuchWork:
        return _as_typed(text)


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802 - markdown-it's name
        """Let every address pass: `prose.links` judges them, and keeps the words of a bad link rather than its Markdown."""
        return True


@cache
def _parser() -> MarkdownIt:
    md = _Parser("commonmark", {"html": True, "tasklists": True})
    md.enable(["table", "strikethrough"])
    md.use(footnote_plugin, inline=False)
    md.core.ruler.after("inline", "no_html", _drop_html)
    bare_links(md)
    bounded(md)
    return md


def _as_typed(text: str) -> list[Token]:
    return [token for block in re.split(r"\n\s*\n", text) if block.strip() for token in _paragraph(block.strip())]


def _paragraph(text: str) -> list[Token]:
    lines = [[Token("softbreak", "br", 0), Token("text", "", 0, content=line)] for line in text.split("\n")]
    inline = Token("inline", "", 0, content=text, children=list(chain.from_iterable(lines))[1:])
    return [Token("paragraph_open", "p", 1, block=True), inline, Token("paragraph_close", "p", -1, block=True)]


def _drop_html(state: StateCore) -> None:
    """Keep the words of raw HTML, but none of its tags."""
    tokens: list[Token] = []
    for token in state.tokens:
        if token.type == "html_block":
            parts = _PART_ENDS.sub(r" \g<0>", token.content)
            words = html.unescape(_WORDS_OF_HTML.clean(parts)).strip()
            tokens += _paragraph(words) if words else []
            continue
        if token.children:
            token.children = _without_tags(token.children)
        tokens.append(token)
    state.tokens = tokens


def _without_tags(children: list[Token]) -> list[Token]:
    kept: list[Token] = []
    hidden = ""  # the tag whose content is not text, while in it
    for child in children:
        if child.type == "html_inline":
            if hidden:
                hidden = "" if child.content.lower().startswith(f"</{hidden}") else hidden
            elif opened := _OPENED.match(child.content):
                hidden = opened[1].lower()
            elif _LINE_BREAK.fullmatch(child.content):
                kept.append(Token("hardbreak", "br", 0))
        elif not hidden or child.nesting:
            if child.children:
                child.children = _without_tags(child.children)
            kept.append(child)
    return kept
