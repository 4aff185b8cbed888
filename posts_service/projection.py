"""What this service keeps of the log: posts and addresses, to decide by, and who the authors are. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from eventlog.projection import Aggregate, Doc, Projection, View
from events.accounts import UserRegistered
from posts_service.domain import Post, Slug, evolve, evolve_slug

POSTS = Aggregate(kind="post", view="posts", state=Post, evolve=evolve)
SLUGS = Aggregate(kind="slug", view="slugs", state=Slug, evolve=evolve_slug)


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, as others see them."""

    id: UUID
    handle: str
    name: str


def _author_of(event: Any) -> Iterable[str]:
    return [str(event.user_id)] if isinstance(event, UserRegistered) else []


def _evolve_author(_: Doc | None, event: UserRegistered) -> Doc:
    profile = event.profile.value
    return {"kid": event.profile.kid, "handle_hash": event.handle_hash, "handle": profile.handle, "name": profile.name}


AUTHORS = View(name="authors", route=_author_of, evolve=_evolve_author, indexes=([("handle_hash", 1)],))

PROJECTION = Projection(
    name="posts",
    version=1,
    topics=("accounts", "posts"),
    views=(
        POSTS.decision_view(
            indexes=(
                [("author_id", 1), ("touched_at", -1), ("_id", -1)],
                [("author_id", 1), ("stage", 1), ("touched_at", -1), ("_id", -1)],
            )
        ),
        SLUGS.decision_view(),
        AUTHORS,
    ),
)
AGGREGATES = (POSTS, SLUGS)
