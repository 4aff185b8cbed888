"""Facts about posts.

Names and types here are the storage format: add a field with a default, or a new event with the next version.
"""

from datetime import datetime
from uuid import UUID

from events.base import Event, Personal, PersonalFields, event, personal


@personal("inkstream.post-text.v1")
class PostText(PersonalFields):
    """All that the author wrote; sealed under the post's key."""

    title: str = ""
    body: str = ""
    tags: tuple[str, ...] = ()
    excerpt: str | None = None
    cover: str | None = None
    canonical: str | None = None
    language: str | None = None


@personal("inkstream.revision-note.v1")
class RevisionNote(PersonalFields):
    """What the author says about a change, or on publishing; sealed under the post's key."""

    text: str = ""


@personal("inkstream.post-address.v1")
class PostAddress(PersonalFields):
    """The words in a post's address, made of its title; sealed under the post's key."""

    slug: str = ""


@event("inkstream.post.drafted.v1")
class PostDrafted(Event):
    """An author began a post; nobody else sees it."""

    post_id: UUID
    author_id: UUID
    text: Personal[PostText]
    at: datetime


@event("inkstream.post.revised.v1")
class PostRevised(Event):
    """The author changed the post; `text` is the whole of it as it is now."""

    post_id: UUID
    author_id: UUID
    text: Personal[PostText]
    note: Personal[RevisionNote] | None = None
    minor: bool = False  # too small to tell readers that the post was edited
    at: datetime


@event("inkstream.post.published.v1")
class PostPublished(Event):
    """The author showed the post to everyone, at an address that stays its own."""

    post_id: UUID
    author_id: UUID
    slug_hash: str  # keyed: what stands in the name of the address's stream
    address: Personal[PostAddress]
    note: Personal[RevisionNote] | None = None
    at: datetime


@event("inkstream.post.imported.v1")
class PostImported(Event):
    """A post came from elsewhere with its own dates; by `source` it comes once."""

    post_id: UUID
    author_id: UUID
    source: str  # a keyed hash of where the post was
    text: Personal[PostText]
    address: Personal[PostAddress] | None = None  # with `slug_hash`: absent where the post has no address yet
    slug_hash: str | None = None
    published: bool  # whether everyone saw it there
    created_at: datetime  # there, like the next
    published_at: datetime | None = None
    at: datetime


PostEvent = PostDrafted | PostRevised | PostPublished | PostImported
