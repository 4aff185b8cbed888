"""Facts about comments.

Names and types here are the storage format: add a field with a default, or a new event with the next version.
"""

from datetime import datetime
from uuid import UUID

from events.base import Event, Personal, PersonalFields, event, personal


@personal("inkstream.comment-text.v1")
class CommentText(PersonalFields):
    """What the commenter wrote; sealed under the commenter's key."""

    body: str = ""


@event("inkstream.comment.posted.v1")
class CommentPosted(Event):
    """Somebody commented on a post, as it stood at `post_version`, or answered the comment `parent_id`."""

    comment_id: UUID
    post_id: UUID
    post_author_id: UUID
    post_version: int  # what the commenter had read
    author_id: UUID
    parent_id: UUID | None = None
    text: Personal[CommentText]
    at: datetime


CommentEvent = CommentPosted
