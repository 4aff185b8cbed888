"""The views of this service as its requests read them: one find each, and nothing of it that the answer does not show."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from pymongo.asynchronous.cursor import AsyncCursor

from eventlog.projection import Doc, View
from query_service.projection import ARTICLES, COMMENTS, PEOPLE, THREADS, Stage
from servicekit.serving import Serving

_SHOWN = {"stage": Stage.PUBLISHED.value}
_OF_ARTICLES_ONLY = {"body": 0, "html": 0, "toc": 0}


class Remark(NamedTuple):
    """A comment, as much of it as its place in the thread follows from: the ids of its document and of the one that it answers."""

    id: str
    parent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which of the published posts are wanted, and after which of them to begin."""

    author_id: UUID | None = None
    tag: str | None = None
    after: tuple[datetime, UUID] | None = None

    def query(self) -> dict[str, Any]:
        """The same in MongoDB's words."""
        wanted: dict[str, Any] = dict(_SHOWN)
        if self.author_id is not None:
            wanted["author_id"] = self.author_id
        if self.tag is not None:
            wanted["tags"] = self.tag
        if self.after is not None:
            at, post_id = self.after
            # Both bounds: with the first alone the index is entered at the right place, the second tells posts of one moment apart.
            wanted["published_at"] = {"$lte": at}
            wanted["$or"] = [{"published_at": {"$lt": at}}, {"_id": {"$lt": f"post:{post_id}"}}]
        return wanted


class Store:
    """Reads the views. Raises pymongo's errors."""

    def __init__(self, views: Serving) -> None:
        self._view = views.collection

    async def posts(self, selection: Selection, limit: int) -> list[Doc]:
        """The latest published posts, without their texts; those of one moment by id."""
        return await self.newest(selection, limit).to_list()

    def newest(self, selection: Selection, limit: int) -> AsyncCursor[Doc]:
        """The find that reads them."""
        return self._view(ARTICLES).find(selection.query(), _OF_ARTICLES_ONLY).sort([("published_at", -1), ("_id", -1)]).limit(limit)

    async def post_at(self, author_id: UUID, slug: str) -> Doc | None:
        """The published post at an address, with all of it."""
        return await self._view(ARTICLES).find_one({"author_id": author_id, "slug": slug, **_SHOWN})

    async def is_published(self, post_id: UUID) -> bool:
        """Whether everybody may see the post."""
        return await self._view(ARTICLES).find_one({"_id": f"post:{post_id}", **_SHOWN}, {"_id": 1}) is not None

    async def posts_of(self, author_id: UUID) -> int:
        """How many posts the author has published."""
        return await self._view(ARTICLES).count_documents({"author_id": author_id, **_SHOWN})

    async def person_called(self, handle: str) -> Doc | None:
        """The person with a handle."""
        return await self._view(PEOPLE).find_one({"handle": handle})

    async def people(self, ids: Iterable[UUID]) -> dict[str, Doc]:
        """The documents of some people; those who are not known yet are missing."""
        return await self._find(PEOPLE, {f"user:{user_id}" for user_id in ids})

    async def remarks(self, post_id: UUID) -> list[Remark]:
        """All comments on a post, the oldest first; answered from an index alone."""
        found = await self.oldest(post_id).to_list()
        return [Remark(doc["_id"], f"comment:{doc['parent_id']}" if doc["parent_id"] is not None else None) for doc in found]

    def oldest(self, post_id: UUID) -> AsyncCursor[Doc]:
        """The find that reads them."""
        return self._view(COMMENTS).find({"post_id": post_id}, {"_id": 1, "parent_id": 1}).sort([("created_at", 1), ("_id", 1)])

    async def comments(self, ids: Sequence[str]) -> dict[str, Doc]:
        """The documents of some comments, with all of each."""
        return await self._find(COMMENTS, ids)

    async def threads(self, ids: Sequence[str]) -> dict[str, int]:
        """How many comments stand below some posts and comments, by the ids of their documents; where there are none, missing."""
        return {doc_id: doc["comments"] for doc_id, doc in (await self._find(THREADS, ids)).items()}

    async def _find(self, view: View, ids: Collection[str]) -> dict[str, Doc]:
        if not ids:
            return {}
        found = self._view(view).find({"_id": {"$in": list(ids)}} if len(ids) > 1 else {"_id": next(iter(ids))})
        return {doc["_id"]: doc for doc in await found.to_list()}


def id_of(doc_id: str) -> UUID:
    """The id of what a document is about."""
    return UUID(doc_id.partition(":")[2])
