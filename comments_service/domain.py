"""What readers do with comments: commands, states, decisions, and what facts make of a state. Pure."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from eventlog.deciding import Decision, Others
from events.base import Personal
from events.comments import CommentEvent, CommentPosted, CommentText
from events.posts import PostDrafted, PostEvent, PostImported, PostPublished, PostRevised
from events.refusals import Conflict, Invalid, NotFound

NOBODY = UUID(int=0)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Post:
    """What a comment needs to know of the post that it is about."""

    author_id: UUID = NOBODY
    published: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PostComment:
    """Comment on a post, or answer the comment `parent_id`. The post is as this service knows it; `kid` is the commenter's key."""

    comment_id: UUID
    post_id: UUID
    post: Post
    post_version: int
    parent_id: UUID | None
    by: UUID
    kid: UUID
    text: CommentText
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Comment:
    """A comment as it is now."""

    comment_id: UUID = NOBODY
    post_id: UUID = NOBODY
    post_version: int = 0
    parent_id: UUID | None = None
    author_id: UUID = NOBODY
    kid: UUID = NOBODY
    body: str = ""
    created_at: datetime = NEVER


@dataclass(frozen=True, kw_only=True)
class Thread:
    """All that is said about a post, as one thing that can be closed."""

    closed: bool = False


def decide(comment: Comment, command: PostComment, others: Others) -> Decision[CommentEvent] | None:
    """Decide a command on a comment; the others are its thread and comments of it. None: it is so already. Raises Refused."""
    if comment.comment_id == command.comment_id:
        return None
    if not command.post.published:
        raise NotFound("there is no such post")
    thread = thread_stream(command.post_id)
    if others[thread].closed:
        raise Conflict("the discussion of this post is closed")
    if command.parent_id is not None and others[comment_stream(command.parent_id)].post_id != command.post_id:
        raise Invalid("a comment answers one on the same post", errors=[("/parent_id", "is no comment on this post")])
    posted = CommentPosted(
        comment_id=command.comment_id,
        post_id=command.post_id,
        post_author_id=command.post.author_id,
        post_version=command.post_version,
        author_id=command.by,
        parent_id=command.parent_id,
        text=Personal(command.kid, command.text),
        at=command.now,
    )
    # It relies on the thread, so that closing the thread and a late comment can not cross.
    return Decision(posted, reads=[thread])


def evolve(comment: Comment, event: CommentEvent) -> Comment:
    """What a comment becomes by a fact. Never looks at what the text says: an erased one reads as nothing."""
    del comment
    return Comment(
        comment_id=event.comment_id,
        post_id=event.post_id,
        post_version=event.post_version,
        parent_id=event.parent_id,
        author_id=event.author_id,
        kid=event.text.kid,
        body=event.text.value.body,
        created_at=event.at,
    )


def evolve_thread(thread: Thread, event: CommentEvent) -> Thread:
    """What a thread becomes by a fact: comments rely on it and leave it as it is."""
    del event
    return thread


def evolve_post(post: Post, event: PostEvent) -> Post:
    """What is known of a post after a fact of posts_service."""
    match event:
        case PostDrafted():
            return Post(author_id=event.author_id)
        case PostImported():
            return Post(author_id=event.author_id, published=event.published)
        case PostPublished():
            return replace(post, published=True)
        case PostRevised():
            return post


def comment_stream(comment_id: UUID) -> str:
    """The stream of a comment."""
    return f"comment:{comment_id}"


def thread_stream(post_id: UUID) -> str:
    """The stream of a post's thread."""
    return f"thread:{post_id}"
