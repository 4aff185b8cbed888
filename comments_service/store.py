"""This service's views in MongoDB: comments, posts with their versions, and commenters with their keys."""

from uuid import UUID

from aiohttp import web

from comments_service.domain import Post, comment_stream
from comments_service.projection import COMMENTS, POSTS, USERS, Commenter
from eventlog.record import Partition
from servicekit.remembering import Remembered
from servicekit.serving import Serving

_COMMENTS = COMMENTS.decision_view()

ACCOUNTS = Partition("accounts", 0)  # the only one: it feeds the commenters


class Store:
    """Reads the views."""

    def __init__(self, views: Serving) -> None:
        self._views = views
        self.commenter = Remembered(views.progress, ACCOUNTS, self._commenter)  # who comments, where an account is known

    async def post(self, post_id: UUID) -> tuple[Post, int]:
        """What is known of a post, and its version; (Post(), 0) where nothing is."""
        stream = f"post:{post_id}"
        doc = (await self._views.read(POSTS.view, [stream])).get(stream)
        return POSTS.load(doc), doc["version"] if doc is not None else 0

    async def has_comment(self, comment_id: UUID) -> bool:
        """Whether a comment is known."""
        return await self._views.collection(_COMMENTS).find_one({"_id": comment_stream(comment_id)}, {"_id": 1}) is not None

    async def replies(self, comment_id: UUID) -> int:
        """How many comments answer a comment."""
        return await self._views.collection(_COMMENTS).count_documents({"parent_id": comment_id})

    async def _commenter(self, user_id: UUID) -> Commenter | None:
        doc = (await self._views.read(USERS.name, [str(user_id)])).get(str(user_id))
        return Commenter(user_id, doc["handle"], doc["name"], doc["kid"]) if doc is not None else None


STORE: web.AppKey[Store] = web.AppKey("STORE", Store)
