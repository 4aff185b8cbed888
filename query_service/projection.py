"""What readers are shown, as documents: posts, people, comments, and how long each thread is. Pure.

No document holds what another partition says: an author's name, or the number of a post's comments, is joined when it is read.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, assert_never

from eventlog.projection import Aggregate, Doc, Projection, View
from events.accounts import UserRegistered
from events.base import Event, Personal
from events.comments import CommentPosted
from events.posts import PostDrafted, PostEvent, PostImported, PostPublished, PostRevised, PostText
from prose import RENDERER_VERSION, render

VERSION: Final = 1
"""Raise it when a view here changes; a change of the renderer counts as one by itself."""


class Stage(StrEnum):
    """Who sees a post."""

    DRAFT = "draft"
    PUBLISHED = "published"


def evolve_article(doc: Doc | None, event: PostEvent) -> Doc:
    """What a post becomes. A draft is kept too: the event that publishes it does not repeat its text."""
    match event:
        case PostDrafted():
            return {**_begun(event), "stage": Stage.DRAFT, "slug": None, "created_at": event.at, "published_at": None}
        case PostImported():
            return {
                **_begun(event),
                "stage": Stage.PUBLISHED if event.published else Stage.DRAFT,
                "slug": event.address.value.slug if event.address is not None else None,
                "created_at": event.created_at,
                "published_at": (event.published_at or event.at) if event.published else None,
            }
        case PostRevised():
            doc = _known(doc, event)
            shown = doc["stage"] == Stage.PUBLISHED and not event.minor
            edited = {"edited_at": event.at, "changes": doc["changes"] + 1} if shown else {}
            return {**doc, **_text(event.text), "revised_at": event.at, **edited}
        case PostPublished():
            doc = _known(doc, event)
            return {**doc, "stage": Stage.PUBLISHED, "slug": event.address.value.slug, "published_at": event.at}
        case _:
            assert_never(event)


def derive_article(doc: Doc) -> Doc:
    """Render what everybody sees. A draft's text is shown by the service that owns it."""
    if doc["stage"] != Stage.PUBLISHED:
        return doc
    shown = render(doc["body"])
    return {
        **doc,
        "html": shown.html,
        "toc": [{"id": heading.id, "text": heading.text, "level": heading.level} for heading in shown.toc],
        "summary": doc["excerpt"] or shown.excerpt,
        "words": shown.words,
        "reading_minutes": shown.reading_minutes,
    }


def evolve_person(_: Doc | None, event: UserRegistered) -> Doc:
    """What a person becomes."""
    profile = event.profile.value
    return {"handle": profile.handle, "name": profile.name, "bio": profile.bio, "created_at": event.at, "kid": event.profile.kid}


def evolve_comment(_: Doc | None, event: CommentPosted) -> Doc:
    """What a comment becomes."""
    return {
        "post_id": event.post_id,
        "post_version": event.post_version,
        "parent_id": event.parent_id,
        "author_id": event.author_id,
        "body": event.text.value.body,
        "state": "visible",
        "created_at": event.at,
        "revised_at": None,
        "kid": event.text.kid,
    }


def derive_comment(doc: Doc) -> Doc:
    """Render it as what anybody may write."""
    return {**doc, "html": render(doc["body"], ugc=True).html}


def evolve_thread(doc: Doc | None, _: CommentPosted) -> Doc:
    """Count the comments below a post, or the answers to a comment."""
    return {"comments": (doc["comments"] if doc is not None else 0) + 1}


def _people(event: Event) -> Iterable[str]:
    return [f"user:{event.user_id}"] if isinstance(event, UserRegistered) else []


def _threads(event: Event) -> Iterable[str]:
    if not isinstance(event, CommentPosted):
        return []
    return [f"post:{event.post_id}", *([f"comment:{event.parent_id}"] if event.parent_id is not None else [])]


def _begun(event: PostDrafted | PostImported) -> Doc:
    return {**_text(event.text), "author_id": event.author_id, "revised_at": None, "edited_at": None, "changes": 0}


def _text(text: Personal[PostText]) -> Doc:
    return {**vars(text.value), "tags": list(text.value.tags), "kid": text.kid}


def _known(doc: Doc | None, event: Event) -> Doc:
    if doc is None:
        raise ValueError(f"{event.TYPE} of a post that was never begun")
    return doc


_NEWEST = [("published_at", -1), ("_id", -1)]

ARTICLES: Final = View(
    name="articles",
    decides="post",  # so that each carries its version
    evolve=evolve_article,
    derive=derive_article,
    indexes=(
        [("stage", 1), *_NEWEST],
        [("author_id", 1), ("stage", 1), *_NEWEST],
        [("tags", 1), ("stage", 1), *_NEWEST],
        [("author_id", 1), ("slug", 1)],
    ),
)
PEOPLE: Final = View(name="people", route=_people, evolve=evolve_person, indexes=([("handle", 1)],))
COMMENTS: Final = View(
    name="comments",
    decides="comment",
    evolve=evolve_comment,
    derive=derive_comment,
    indexes=([("post_id", 1), ("created_at", 1), ("_id", 1), ("parent_id", 1)],),  # all that the order of a thread is made from
)
THREADS: Final = View(name="threads", route=_threads, evolve=evolve_thread)

PROJECTION: Final = Projection(
    name="query",
    version=1000 * VERSION + RENDERER_VERSION,
    topics=("accounts", "posts", "comments"),
    views=(ARTICLES, PEOPLE, COMMENTS, THREADS),
)
AGGREGATES: Final[tuple[Aggregate, ...]] = ()
