"""Code with its parts marked by a handful of short classes; `frontend/src/styles/code.css` gives each its colour."""

import re
from collections.abc import Iterator
from functools import cache
from html import escape
from itertools import groupby

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String, Token, _TokenType

# What a reader tells apart; a kind that is not here has the class of the nearest kind above it, or none.
_CLASS_OF: dict[_TokenType, str] = {
    Token: "",
    Comment: "c",
    Comment.Preproc: "k",
    Generic.Deleted: "d",
    Generic.Inserted: "i",
    Generic.Heading: "f",
    Generic.Prompt: "c",
    Generic.Subheading: "f",
    Keyword: "k",
    Keyword.Constant: "n",
    Name.Attribute: "a",
    Name.Builtin: "f",
    Name.Builtin.Pseudo: "a",
    Name.Class: "f",
    Name.Constant: "n",
    Name.Decorator: "f",
    Name.Exception: "f",
    Name.Function: "f",
    Name.Tag: "k",
    Name.Variable: "a",
    Number: "n",
    Operator.Word: "k",
    String: "s",
    String.Escape: "n",
    String.Interpol: "n",
}
CLASSES = frozenset(_CLASS_OF.values()) - {""}

# Languages whose lexers were tried on runs of every character and found to take time at most quadratic in the length.
_LANGUAGES = """
    bash sh shell zsh console shell-session fish powershell ps1 bat batch awk make makefile cmake docker dockerfile nginx
    python py pycon pytb ruby rb irb erb perl php lua r julia javascript js typescript ts jsx tsx json graphql vue
    html xml css scss sass less jinja liquid handlebars haml twig django markdown md rst tex latex diff http yaml yml toml ini properties
    go golang rust rs c cpp c++ csharp c# java kotlin scala groovy swift objective-c objc dart zig nim d fortran matlab pascal
    haskell hs elixir erlang clojure ocaml fsharp f# elm lisp scheme prolog sql mysql postgresql postgres plpgsql sqlite3
    protobuf proto terraform hcl tf vim nasm asm llvm solidity puppet
"""
LANGUAGES = frozenset(_LANGUAGES.split())
# So a body may spend this much on the squares of its blocks' lengths: one block of 8,000 characters, or sixty-four of 1,000.
ALLOWANCE = 8_000**2
# Lexers of Java's family look for a declaration in a row of names, again from each name; those of C skip blank space, again from each
# blank; others are slow on long lines. Code has no row of names, no blank and no line as long as these.
_NOT_CODE = re.compile(r"(?<![\w.\[\]$<>?])(?:[\w.\[\]$<>?]+\s+){60}|\s{200}|.{2000}")


class Highlighter:
    """Marks the code of one body, as far as the allowance for a body goes."""

    def __init__(self) -> None:
        self._left = ALLOWANCE

    def highlight(self, code: str, language: str) -> str:
        """Return HTML: the code with its parts in `span`s, or only escaped where the language is unknown or the code too long."""
        name = language.lower()
        if name not in LANGUAGES or _NOT_CODE.search(code):
            return escape(code)
        self._left -= len(code) ** 2
        return "".join(_spans(_lexer(name), code)) if self._left >= 0 else escape(code)


@cache
def _lexer(name: str) -> Lexer:
    return get_lexer_by_name(name, stripnl=False, ensurenl=False)


def _spans(lexer: Lexer, code: str) -> Iterator[str]:
    parts = ((_class_of(kind), text) for kind, text in lexer.get_tokens(code))
    for name, run in groupby(parts, key=lambda part: part[0]):
        text = escape("".join(text for _, text in run))
        yield f'<span class="{name}">{text}</span>' if name else text


@cache
def _class_of(kind: _TokenType) -> str:
    known = _CLASS_OF.get(kind)
    return _class_of(kind.parent) if known is None and kind.parent is not None else known or ""
