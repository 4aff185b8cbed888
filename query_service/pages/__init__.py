"""Complete HTML for everyone, without JavaScript too. `frontend/MARKUP.md` says what it looks like; the app mounts over the same."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from query_service.pages import words
from query_service.pages.assets import Assets

_SLANTED: Final = re.compile("<(em|blockquote)>")
SITE: Final = "The blog that never loses a word and never hides a change."

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' https: data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy of every page: nothing inline, nothing from elsewhere but pictures."""


@dataclass(frozen=True, slots=True)
class Document:
    """An OpenAPI document, and what it is about."""

    path: str
    about: str


class Pages:
    """Writes pages. What it is given are replies of the API, as JSON bytes: a page shows what is in them, and carries them."""

    def __init__(self, assets: Assets, public_url: str) -> None:
        self._assets = assets
        self._public_url = public_url
        folder = Path(__file__).parent / "templates"
        self._templates = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        for word in (words.day, words.counted, words.initial, words.nested, words.sanitised):
            self._templates.filters[word.__name__] = word

    def home(self, reply: bytes) -> str:
        """The latest posts."""
        return self._page("home.html", reply, heading="Latest posts", description="The latest posts on Inkstream.")

    def profile(self, reply: bytes) -> str:
        """A person and their posts."""
        page = orjson.loads(reply)
        name = page["user"]["name"]
        return self._page("profile.html", reply, page, heading=name, description=f"Posts by {name} on Inkstream.")

    def article(self, reply: bytes) -> str:
        """A post with its comments."""
        page = orjson.loads(reply)
        return self._page(
            "article.html",
            reply,
            page,
            heading=page["title"],
            description=page["summary"],
            lang=page.get("language") or "en",
            slanted=_SLANTED.search(page["html"]) is not None,
        )

    def not_found(self, problem: bytes) -> str:
        """There is nothing at this address."""
        return self._page("not-found.html", problem, heading="There is no page here", description="There is no page at this address.")

    def failed(self, problem: bytes) -> str:
        """The page can not be shown. The app stays out of it, so that the answer stands there as it is."""
        said = orjson.loads(problem)
        return self._page(
            "failed.html",
            heading=said["title"],
            description=SITE,
            detail=said["detail"],
            request_id=said["request_id"],
            passing=said["status"] == HTTPStatus.SERVICE_UNAVAILABLE,
        )

    def shell(self) -> str:
        """An empty frame, for pages that the app alone can show."""
        return self._page("shell.html", description=SITE)

    def problem(self, code: str, title: str, meaning: str) -> str:
        """What a kind of problem means."""
        return self._page("problem.html", heading=title, description=meaning, code=code)

    def docs(self, documents: Sequence[Document], problems: Mapping[str, str]) -> str:
        """Where the API is described."""
        about = "The HTTP API of Inkstream."
        return self._page("docs.html", heading="API", description=about, documents=[asdict(each) for each in documents], problems=problems)

    def _page(self, template: str, reply: bytes | None = None, page: Any = None, **said: Any) -> str:
        return self._templates.get_template(template).render(
            built=self._assets.built,
            public_url=self._public_url,
            reply=words.embedded(reply.decode()) if reply is not None else None,
            page=page if page is not None or reply is None else orjson.loads(reply),
            **said,
        )
