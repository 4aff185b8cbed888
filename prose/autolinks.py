"""Bare addresses become links, as on GitHub: `https://…`, `www.…` and `name@host`; a rule of our own, since it must stay linear.

linkify-it-py and the autolink plugin of mdit-py-plugins take time quadratic in the number of colons (28 s for 64 KiB of
`://`), and the first also links file names such as `readme.md`.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

# A link begins where a word begins. Every part has a bounded length, which bounds the time that a failing match costs.
_START = r"(?<![^\W_])(?<![@/.+-])(?:https?://|www\.|[A-Za-z0-9][A-Za-z0-9.+_-]{0,63}@[A-Za-z0-9])"
_URL = re.compile(r"(?:https?://|www\.)[^\W_][^\s<]{0,2000}")
_EMAIL = re.compile(r"[A-Za-z0-9.+_-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}(?<![-_])")
_ENTITY_AT_END = re.compile(r"&[A-Za-z0-9]{1,32};\Z")


def bare_links(md: MarkdownIt) -> None:
    """Let the parser link bare addresses."""
    md.inline.terminator_re = re.compile(f"{md.inline.terminator_re.pattern}|{_START}")
    md.inline.ruler.after("text", "bare_link", _bare_link)


def _bare_link(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it calls it so
    if silent or state.linkLevel > 0:  # in a link's text there are no links; while a label is only measured, none are made
        return False
    if state.src[state.pos] in "hw" and (match := _URL.match(state.src, state.pos, state.posMax)):
        text = _without_punctuation(match[0])
        address = text if text.startswith("http") else f"http://{text}"
    elif match := _EMAIL.match(state.src, state.pos, state.posMax):
        text = match[0]
        address = f"mailto:{text}"
    else:
        return False
    link = state.push("link_open", "a", 1)
    link.attrs = {"href": state.md.normalizeLink(address)}
    state.push("text", "", 0).content = text
    state.push("link_close", "a", -1)
    state.pos += len(text)
    return True


def _without_punctuation(url: str) -> str:
    """Leave to the sentence what belongs to it: final punctuation, a bracket that the address did not open, an entity."""
    spare = url.count(")") - url.count("(")
    while True:
        shorter = _ENTITY_AT_END.sub("", url).rstrip("?!.,:;*_~'\"")
        if spare > 0 and shorter.endswith(")"):
            shorter = shorter[:-1]
            spare -= 1
        if shorter == url:
            return url
        url = shorter
