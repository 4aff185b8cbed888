"""Tokens to HTML: code highlighted, tables that scroll by themselves, footnotes that find their way back."""

import re
from collections.abc import Sequence
from functools import cache
from html import escape
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml, unescapeAll
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from prose.code import Highlighter

_OPTIONS: Final = MarkdownIt("commonmark", {"xhtmlOut": False}).options
_LANGUAGE = re.compile(r"[\w+#.-]{1,40}")
_ALIGNED = {"text-align:left": "align-left", "text-align:center": "align-center", "text-align:right": "align-right"}
# Scripts from U+2E80 on break between any two signs, so that there no word is too long.
_BREAKLESS = re.compile(r"[^\s\u2e80-\U0010ffff]{1000}(?=[^\s\u2e80-\U0010ffff])")
_BREAK = "\0"  # the parser has left none in a text


def to_html(tokens: Sequence[Token], *, scope: str) -> str:
    """Write tokens as HTML, not yet sanitised. `scope` goes into the ids of footnotes, to tell apart the bodies that share a page."""
    return _renderer().render(tokens, _OPTIONS, {"scope": scope, "highlighter": Highlighter()})


@cache
def _renderer() -> "_PageRenderer":
    return _PageRenderer()  # it asks itself for its methods, once; what belongs to one body is in the `env`


class _PageRenderer(RendererHTML):
    """A method for each kind of token that is not shown the usual way."""

    def text(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        """Let a word that fills many lines break at given places: browsers look for them in a time that grows with its square."""
        return escapeHtml(_BREAKLESS.sub(rf"\g<0>{_BREAK}", tokens[idx].content)).replace(_BREAK, "<wbr>")

    def fence(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, env: EnvType) -> str:
        """Show code in a region that a keyboard can scroll."""
        code = tokens[idx].content
        language = _LANGUAGE.match(unescapeAll(tokens[idx].info).strip())
        if language is None:
            return f'<pre tabindex="0"><code>{escape(code)}</code></pre>\n'
        marked = env["highlighter"].highlight(code, language[0])
        return f'<pre tabindex="0"><code class="language-{language[0]}">{marked}</code></pre>\n'

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return self.fence(tokens, idx, options, env)

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f'<div class="table" role="region" tabindex="0" aria-label="Table">{self.renderToken(tokens, idx, options, env)}'

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"{self.renderToken(tokens, idx, options, env)}</div>\n"

    def th_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Align by class: the pages allow no inline style."""
        aligned = _ALIGNED.get(str(tokens[idx].attrs.pop("style", "")))
        if aligned:
            tokens[idx].attrs["class"] = aligned
        return self.renderToken(tokens, idx, options, env)

    td_open = th_open

    def list_item_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        item = self.renderToken(tokens, idx, options, env)
        if "checked" not in tokens[idx].meta:
            return item
        state = 'checked aria-label="Done"' if tokens[idx].meta["checked"] else 'aria-label="Not done"'
        return f'{item}<input type="checkbox" disabled {state}> '

    def footnote_ref(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, env: EnvType) -> str:
        note = tokens[idx].meta["id"] + 1
        target, source = _footnote_ids(tokens[idx], env)
        return f'<sup class="footnote-ref"><a href="#{target}" id="{source}" aria-label="Footnote {note}">{note}</a></sup>'

    def footnote_block_open(self, _tokens: Sequence[Token], _idx: int, _options: OptionsDict, _env: EnvType) -> str:
        return '<section class="footnotes" aria-label="Footnotes">\n<ol>\n'

    def footnote_block_close(self, _tokens: Sequence[Token], _idx: int, _options: OptionsDict, _env: EnvType) -> str:
        return "</ol>\n</section>\n"

    def footnote_open(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, env: EnvType) -> str:
        return f'<li id="{_footnote_ids(tokens[idx], env)[0]}">'

    def footnote_close(self, _tokens: Sequence[Token], _idx: int, _options: OptionsDict, _env: EnvType) -> str:
        return "</li>\n"

    def footnote_anchor(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, env: EnvType) -> str:
        source = _footnote_ids(tokens[idx], env)[1]
        return f' <a href="#{source}" class="footnote-back" aria-label="Back to the text">\u21a9\ufe0e</a>'


def _footnote_ids(token: Token, env: EnvType) -> tuple[str, str]:
    """Return the id of a footnote, and of the place in the text that refers to it: `fn-1` and `fnref-1`, then `fnref-1-2`."""
    note = f"{env['scope']}{token.meta['id'] + 1}"
    again = token.meta.get("subId", 0)
    return f"fn-{note}", f"fnref-{note}-{again + 1}" if again else f"fnref-{note}"
