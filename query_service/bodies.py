"""What this service answers and takes. Nothing that everybody may read has a secret in it."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field

from servicekit.replies import After, Page, Paging
from servicekit.requests import Representation
from servicekit.text import Text


class Posts(Paging):
    """Which posts to list."""

    author: Annotated[str | None, Text(max=30, lines=False), Field(description="only this person's, by handle")] = None
    tag: Annotated[str | None, Text(max=30, lines=False), Field(description="only those with this tag")] = None


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class Latest(After):
    """A place in a list of posts; the moment as the views keep it, in whole milliseconds since 1970."""

    ms: Annotated[int, Field(ge=-62_135_596_800_000, le=253_402_300_799_999)]  # the years that a datetime has
    id: UUID

    @classmethod
    def at(cls, moment: datetime, post_id: UUID) -> Self:
        """The place after a post."""
        return cls(ms=(moment - _EPOCH) // _MILLISECOND, id=post_id)

    @property
    def moment(self) -> datetime:
        """When that post was published."""
        return _EPOCH + self.ms * _MILLISECOND


class Said(After):
    """A place in a thread: after this comment."""

    id: UUID


class Person(Representation):
    """Who somebody is to others; `handle` is empty once the account is erased."""

    id: UUID
    handle: str
    name: str


class Published(Representation):
    """What a person has done that everybody may know of."""

    posts: int


class Profile(Person):
    """A person."""

    bio: str
    created_at: AwareDatetime
    counts: Published


class Counts(Representation):
    """What others made of a post."""

    comments: int
    likes: int = 0


class Edited(Representation):
    """That a post was changed after it was published: when last, and how often."""

    at: AwareDatetime
    changes: int


class Entry(Representation):
    """A post as lists show it; `summary` is the author's excerpt or, where there is none, how the text begins."""

    id: UUID
    author: Person
    title: str
    slug: str
    tags: tuple[str, ...]
    excerpt: str | None
    summary: str
    cover: str | None
    canonical: str | None
    language: str | None
    stage: Literal["published"] = "published"
    version: int
    created_at: AwareDatetime
    published_at: AwareDatetime
    revised_at: AwareDatetime | None
    scheduled_for: AwareDatetime | None = None
    url: str
    reading_minutes: int
    words: int
    counts: Counts
    edited: Edited | None


class Heading(Representation):
    """A heading of a text; `id` is its anchor."""

    id: str
    text: str
    level: int


class CommentCounts(Representation):
    """What others made of a comment."""

    likes: int = 0
    replies: int


class Comment(Representation):
    """A comment; `path` sorts a thread, and begins with the path of the comment that is answered."""

    id: UUID
    post_id: UUID
    post_version: int
    parent_id: UUID | None
    author: Person
    body: str
    html: str
    state: Literal["visible", "hidden", "deleted"]
    version: int
    created_at: AwareDatetime
    revised_at: AwareDatetime | None
    counts: CommentCounts
    depth: int
    path: str


class Article(Entry):
    """A post with all of it, and its first comments."""

    body: str
    html: str
    toc: tuple[Heading, ...]
    comments: Page[Comment]


class ProfilePage(Representation):
    """What the page of a person is made of."""

    user: Profile
    posts: Page[Entry]
