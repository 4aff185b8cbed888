"""A page as what a browser makes of it: white space between elements does not count, everything else does."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parents[2] / "frontend" / "src" / "testing" / "pages"
_VOID = {"meta", "link", "input", "br", "hr", "img"}

Piece = tuple[Any, ...]


class Markup(HTMLParser):
    """Elements and texts in their order. The JSON of a page is read as JSON; Open Graph stands aside, as MARKUP.md allows."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[Piece] = []
        self.json: Any = None
        self.graph: dict[str, str] = {}
        self.open: list[str] = []
        self._text = ""
        self.feed(html)
        self.close()
        self._end_text()
        assert self.open == [], f"not closed: {self.open}"

    def handle_decl(self, decl: str) -> None:
        self.pieces.append(("!", decl))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._end_text()
        named = dict(attrs)
        if tag == "meta" and "property" in named:
            self.graph[str(named["property"])] = str(named["content"])
            return
        self.pieces.append(("<", tag, *sorted((name, value or "") for name, value in attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self._end_text()
        assert self.open.pop() == tag, f"</{tag}> closes nothing"
        self.pieces.append((">", tag))

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["script"]:
            self.json = json.loads(data)
        else:
            self._text += data

    def elements(self, tag: str) -> list[dict[str, str]]:
        """The attributes of each element with this name."""
        return [dict(piece[2:]) for piece in self.pieces if piece[:2] == ("<", tag)]

    def _end_text(self) -> None:
        text, self._text = self._text, ""
        if "pre" not in self.open:
            text = " ".join(text.split())
        if text:
            self.pieces.append(("text", text))


def sample(name: str, values: dict[str, str]) -> str:
    """A sample page of the contract, with the manifest's addresses filled in."""
    html = (SAMPLES / f"{name}.html").read_text("utf-8")
    for variable, value in values.items():
        html = html.replace(f"{{{{ {variable} }}}}", value)
    return html
