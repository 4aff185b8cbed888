"""Facts about two people, their posts and comments, and the documents that they make."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from eventlog.testing import Documents, folded
from events.accounts import Credentials, Profile, Role, UserRegistered
from events.base import Event, Personal
from events.comments import CommentPosted, CommentText
from events.posts import PostAddress, PostDrafted, PostImported, PostPublished, PostRevised, PostText
from query_service.projection import PROJECTION

T0 = datetime(2026, 3, 1, 12, 30, 15, 123000, tzinfo=UTC)
ADA, BO = UUID(int=1), UUID(int=2)
POST, OTHER_POST = UUID(int=11), UUID(int=12)
FIRST, ANSWER, SECOND = UUID(int=21), UUID(int=22), UUID(int=23)
MARKDOWN = "## Why\n\nBecause *engines* [think](https://example.org)."


def later(minutes: int) -> datetime:
    return T0 + timedelta(minutes=minutes)


def key_of(owner: UUID) -> UUID:
    """The id of the data key that seals what is the owner's: a person's or a post's."""
    return UUID(int=owner.int + (1 << 64))


def registered(user_id: UUID = ADA, handle: str = "ada", name: str = "Ada Lovelace", bio: str = "", *, at: datetime = T0) -> UserRegistered:
    return UserRegistered(
        user_id=user_id,
        handle_hash=f"handle-{user_id.int}",
        email_hash=f"email-{user_id.int}",
        role=Role.WRITER,
        profile=Personal(key_of(user_id), Profile(handle=handle, name=name, bio=bio)),
        credentials=Personal(key_of(UUID(int=user_id.int + 1000)), Credentials(email="somebody@example.org", password_hash="none")),  # noqa: S106 # nobody's
        at=at,
    )


def text(post_id: UUID, title: str = "Engines", body: str = MARKDOWN, **more: Any) -> Personal[PostText]:
    return Personal(key_of(post_id), PostText(title=title, body=body, **more))


def drafted(post_id: UUID = POST, author_id: UUID = ADA, *, at: datetime = T0, **more: Any) -> PostDrafted:
    return PostDrafted(post_id=post_id, author_id=author_id, text=text(post_id, **more), at=at)


def revised(post_id: UUID = POST, author_id: UUID = ADA, *, at: datetime = T0, minor: bool = False, **more: Any) -> PostRevised:
    return PostRevised(post_id=post_id, author_id=author_id, text=text(post_id, **more), minor=minor, at=at)


def published(post_id: UUID = POST, author_id: UUID = ADA, *, slug: str = "engines", at: datetime = T0) -> PostPublished:
    address = Personal(key_of(post_id), PostAddress(slug=slug))
    return PostPublished(post_id=post_id, author_id=author_id, slug_hash=f"slug-{post_id.int}", address=address, at=at)


def imported(
    post_id: UUID = POST,
    author_id: UUID = ADA,
    *,
    slug: str | None,
    shown: bool = True,
    created_at: datetime = T0,
    published_at: datetime | None = None,
    at: datetime = T0,
    **more: Any,
) -> PostImported:
    return PostImported(
        post_id=post_id,
        author_id=author_id,
        source=f"source-{post_id.int}",
        text=text(post_id, **more),
        address=Personal(key_of(post_id), PostAddress(slug=slug)) if slug is not None else None,
        slug_hash=f"slug-{post_id.int}" if slug is not None else None,
        published=shown,
        created_at=created_at,
        published_at=published_at,
        at=at,
    )


def commented(
    comment_id: UUID = FIRST,
    author_id: UUID = BO,
    parent_id: UUID | None = None,
    body: str = "Well *said*.",
    *,
    post_id: UUID = POST,
    at: datetime = T0,
) -> CommentPosted:
    return CommentPosted(
        comment_id=comment_id,
        post_id=post_id,
        post_author_id=ADA,
        post_version=2,
        author_id=author_id,
        parent_id=parent_id,
        text=Personal(key_of(author_id), CommentText(body=body)),
        at=at,
    )


def streams(event: Event) -> list[str]:
    """The streams that the event's record expects."""
    match event:
        case UserRegistered():
            return [f"user:{event.user_id}", f"handle:{event.handle_hash}", f"email:{event.email_hash}"]
        case PostPublished():
            return [f"post:{event.post_id}", f"slug:{event.author_id}/{event.slug_hash}"]
        case PostDrafted() | PostRevised() | PostImported():
            return [f"post:{event.post_id}"]
        case CommentPosted():
            return [f"comment:{event.comment_id}"]
        case _:
            raise NotImplementedError(event.TYPE)


def documents(*events: Event) -> Documents:
    """The documents of each view after the events, by view and id."""
    versions: Counter[str] = Counter()
    facts = []
    for event in events:
        facts.append((event, {stream: versions[stream] for stream in streams(event)}))
        versions.update(streams(event))
    return folded(PROJECTION, *facts)
