"""This service's views in MongoDB: posts with their versions, and authors."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from aiohttp import web

from eventlog.record import Partition
from posts_service.domain import Post
from posts_service.projection import AUTHORS, POSTS, Author
from servicekit.remembering import Remembered
from servicekit.serving import Serving

_POSTS = POSTS.decision_view()

ACCOUNTS = Partition("accounts", 0)  # the only one: it feeds the authors
Kept = tuple[Post, int]  # a post and its version; (Post(), 0) where there is none


class Store:
    """Reads the views."""

    def __init__(self, views: Serving) -> None:
        self._views = views
        self.author = Remembered(views.progress, ACCOUNTS, self._author)  # who an author is, where an account is known

    async def post(self, post_id: UUID) -> Kept:
        """One post."""
        stream = f"post:{post_id}"
        return _kept((await self._views.read(POSTS.view, [stream])).get(stream))

    async def posts_of(self, author_id: UUID, stage: str | None, after: tuple[datetime, UUID] | None, limit: int) -> list[Kept]:
        """An author's posts without their bodies, those first to which something happened last; `after` is the last of the page before."""
        wanted: dict[str, Any] = {"author_id": author_id} | ({"stage": stage} if stage is not None else {})
        if after is not None:
            at, post_id = after
            wanted["$or"] = [{"touched_at": {"$lt": at}}, {"touched_at": at, "_id": {"$lt": f"post:{post_id}"}}]
        found = self._views.collection(_POSTS).find(wanted, {"body": 0}).sort([("touched_at", -1), ("_id", -1)]).limit(limit)
        return [_kept(doc) async for doc in found]

    async def _author(self, user_id: UUID) -> Author | None:
        return _author((await self._views.read(AUTHORS.name, [str(user_id)])).get(str(user_id)))

    async def author_by_handle(self, handle_hash: str) -> Author | None:
        """Who has a handle."""
        return _author(await self._views.collection(AUTHORS).find_one({"handle_hash": handle_hash}))


STORE: web.AppKey[Store] = web.AppKey("STORE", Store)


def _kept(doc: Mapping[str, Any] | None) -> Kept:
    return POSTS.load(doc), doc["version"] if doc is not None else 0


def _author(doc: Mapping[str, Any] | None) -> Author | None:
    return Author(UUID(doc["_id"]), doc["handle"], doc["name"]) if doc is not None else None
