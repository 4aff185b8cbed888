"""What clients send and are shown: the texts that an author may write, and a post as its author sees it."""

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote, urlsplit
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from posts_service import domain
from posts_service.projection import Author
from prose import slug
from servicekit.replies import After, Paging
from servicekit.requests import Body, Representation
from servicekit.text import Text

LONGEST_BODY = 256 * 1024  # bytes of UTF-8
MOST_TAGS = 5
_MILLISECOND = timedelta(milliseconds=1)
_TAG = Text(min=1, max=30)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)  # the shape of a BCP 47 tag; registries change


def _tag(typed: str) -> str:
    """Write a tag in its one form: small letters, hyphens for blanks."""
    return _TAG.read(unicodedata.normalize("NFC", "-".join(typed.lower().split())))


def _each_once(tags: tuple[str, ...]) -> tuple[str, ...]:
    distinct = tuple(dict.fromkeys(tags))
    if len(distinct) > MOST_TAGS:
        raise PydanticCustomError("tags", "has {number} tags, at most {max} are allowed", {"number": len(distinct), "max": MOST_TAGS})
    return distinct


def _address(typed: str) -> str:
    try:
        parts = urlsplit(typed)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and not re.search(r"[\s\\]", typed)
        sound = sound and (parts.port is None or parts.port > 0)  # reading the port checks it
    except ValueError:
        sound = False
    if not sound:
        raise PydanticCustomError("url", "is not an address that begins with http:// or https://")
    return typed


def _language(typed: str) -> str:
    if _LANGUAGE.fullmatch(typed) is None:
        raise PydanticCustomError("language", "is not a language tag, such as en or pt-BR")
    return typed


def _slug(typed: str) -> str:
    """Write a slug as one made of a title would be."""
    made = slug(typed, fallback="")
    if not made:
        raise PydanticCustomError("slug", "has no letter and no digit")
    return made


def _empty_is_none(typed: Any) -> Any:
    return None if isinstance(typed, str) and not typed.strip() else typed


_OPTIONAL = BeforeValidator(_empty_is_none)

Title = Annotated[str, Text(max=200, lines=False, strip=True)]
Markdown = Annotated[str, Text(max=LONGEST_BODY, max_bytes=LONGEST_BODY)]
Tag = Annotated[str, Text(max=200, lines=False, strip=True), AfterValidator(_tag)]
Tags = Annotated[tuple[Tag, ...], AfterValidator(_each_once)]
Excerpt = Annotated[Annotated[str, Text(max=300, strip=True)] | None, _OPTIONAL]
Address = Annotated[Annotated[str, Text(max=2000, lines=False, strip=True), AfterValidator(_address)] | None, _OPTIONAL]
Language = Annotated[Annotated[str, Text(max=35, lines=False, strip=True), AfterValidator(_language)] | None, _OPTIONAL]
SlugText = Annotated[Annotated[str, Text(max=200, lines=False, strip=True), AfterValidator(_slug)] | None, _OPTIONAL]
Note = Annotated[str, Text(max=300, strip=True)]
Stage = Literal["draft", "scheduled", "published", "unpublished", "deleted"]


class NewPost(Body):
    """A post as its author begins it; what is empty may be written later."""

    title: Title
    body: Markdown
    tags: Tags = ()
    excerpt: Excerpt = None
    cover: Address = None
    canonical: Address = None
    language: Language = None


class PostChanges(Body):
    """What is to change; what is not named stays. `minor`: too small to tell readers that the post was edited."""

    title: Title = Field(default_factory=str)
    body: Markdown = Field(default_factory=str)
    tags: Tags = Field(default_factory=tuple)
    excerpt: Excerpt = None
    cover: Address = None
    canonical: Address = None
    language: Language = None
    note: Note = ""
    minor: bool = False

    def changes(self) -> dict[str, Any]:
        """The fields of the text that are named."""
        return {name: getattr(self, name) for name in sorted(self.model_fields_set - {"note", "minor"})}


class Publishing(Body):
    """Where a post is published; without a slug its title makes one."""

    slug: SlugText = None
    note: Note = ""


class PreviewText(Body):
    """A text that is not kept."""

    body: Markdown


class MyPosts(Paging):
    """Which of the caller's posts to list."""

    stage: Stage | None = None


class Touched(After):
    """Where a page of the caller's posts ends: the moment in milliseconds since 1970, and the post."""

    at: Annotated[int, Field(ge=-(1 << 45), lt=1 << 47)]  # years 855 to 6429
    id: UUID

    @classmethod
    def by(cls, post: domain.Post) -> Self:
        """Where a page stands that ends with a post."""
        return cls(at=(post.touched_at - domain.NEVER) // _MILLISECOND, id=post.post_id)

    @property
    def place(self) -> tuple[datetime, UUID]:
        """The moment, and the post."""
        return domain.NEVER + self.at * _MILLISECOND, self.id


class Person(Representation):
    """Who somebody is to others."""

    id: UUID
    handle: str
    name: str


class PostSummary(Representation):
    """A post without its body, as its author sees it in a list."""

    id: UUID
    author: Person
    title: str
    slug: str | None
    tags: tuple[str, ...]
    excerpt: str | None
    cover: str | None
    canonical: str | None
    language: str | None
    stage: Stage
    version: int
    created_at: AwareDatetime
    published_at: AwareDatetime | None
    revised_at: AwareDatetime | None
    scheduled_for: AwareDatetime | None
    url: str | None

    @classmethod
    def of(cls, post: domain.Post, version: int, author: Author, public_url: str) -> Self:
        """Show a post that was written."""
        shown = post.slug if post.stage is domain.Stage.PUBLISHED else None
        fields: dict[str, Any] = {
            **vars(post),
            "id": post.post_id,
            "author": Person(id=author.id, handle=author.handle, name=author.name),
            "slug": shown,
            "stage": post.stage.value,
            "version": version,
            "scheduled_for": None,
            "url": f"{public_url}/@{author.handle}/{quote(shown)}" if shown is not None else None,
        }
        return cls.model_validate({name: fields[name] for name in cls.model_fields})


class Post(PostSummary):
    """A post as its author sees it."""

    body: str


class Heading(Representation):
    """A heading of a text: its level on the page (2 to 6), its id and its words."""

    level: int
    id: str
    text: str


class Preview(Representation):
    """A text as readers would see it."""

    html: str
    toc: tuple[Heading, ...]
    words: int
    reading_minutes: int
    excerpt: str
