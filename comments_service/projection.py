"""What this service keeps of the log: comments and threads, to decide by; which posts there are; and who the commenters are. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from comments_service.domain import Comment, Post, Thread, evolve, evolve_post, evolve_thread
from eventlog.projection import Aggregate, Doc, Projection, View
from events.accounts import UserRegistered

COMMENTS = Aggregate(kind="comment", view="comments", state=Comment, evolve=evolve)
THREADS = Aggregate(kind="thread", view="threads", state=Thread, evolve=evolve_thread)
POSTS = Aggregate(kind="post", view="posts", state=Post, evolve=evolve_post)


@dataclass(frozen=True, slots=True)
class Commenter:
    """Who comments, as others see them, and the data key that their comments are sealed under."""

    id: UUID
    handle: str
    name: str
    kid: UUID


def _user_of(event: Any) -> Iterable[str]:
    return [str(event.user_id)] if isinstance(event, UserRegistered) else []


def _evolve_user(_: Doc | None, event: UserRegistered) -> Doc:
    profile = event.profile.value
    return {"kid": event.profile.kid, "handle": profile.handle, "name": profile.name}


USERS = View(name="users", route=_user_of, evolve=_evolve_user)

PROJECTION = Projection(
    name="comments",
    version=1,
    topics=("accounts", "posts", "comments"),
    views=(COMMENTS.decision_view(indexes=([("parent_id", 1)],)), THREADS.decision_view(), POSTS.decision_view(), USERS),
)
AGGREGATES = (COMMENTS, THREADS)  # posts are another service's to decide about
