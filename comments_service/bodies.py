"""What clients send and are shown: a comment."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime
from pydantic_core import PydanticCustomError

from comments_service import domain
from comments_service.projection import Commenter
from prose import render
from servicekit.requests import Body, Representation
from servicekit.text import Text


def _not_blank(typed: str) -> str:
    if not typed.strip():
        raise PydanticCustomError("blank", "must not be blank")
    return typed


class NewComment(Body):
    """A comment on a post, or an answer to the comment `parent_id`; the body is Markdown."""

    post_id: UUID
    parent_id: UUID | None = None
    body: Annotated[str, Text(max=10_000), AfterValidator(_not_blank)]


class Person(Representation):
    """Who somebody is to others."""

    id: UUID
    handle: str
    name: str


class Counts(Representation):
    """What others made of a comment."""

    likes: int
    replies: int


class Comment(Representation):
    """A comment as readers see it."""

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
    counts: Counts

    @classmethod
    def of(cls, comment: domain.Comment, version: int, author: Commenter, replies: int) -> Self:
        """Show a comment that was posted."""
        return cls(
            id=comment.comment_id,
            post_id=comment.post_id,
            post_version=comment.post_version,
            parent_id=comment.parent_id,
            author=Person(id=author.id, handle=author.handle, name=author.name),
            body=comment.body,
            html=render(comment.body, ugc=True).html,
            state="visible",
            version=version,
            created_at=comment.created_at,
            revised_at=None,
            counts=Counts(likes=0, replies=replies),
        )
