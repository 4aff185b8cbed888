"""The views of this service as its requests read them: one find each, and nothing of it that the answer does not show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from pymongo.asynchronous.collection import AsyncCollection

from eventlog.ledger import Database
from eventlog.projection import Doc, View
from query_service.projection import ARTICLES, COMMENTS, PEOPLE, PROJECTION, THREADS, Stage

_SHOWN = {"stage": Stage.PUBLISHED.value}
_OF_ARTICLES_ONLY = {"body": 0, "html": 0, "toc": 0}


class Remark(NamedTuple):
    """A comment, as much of it as its place in the thread follows from."""

    id: UUID
    parent_id: UUID | None


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

    def __init__(self, database: Database) -> None:
        self._database = database

    def _view(self, view: View) -> AsyncCollection[Doc]:
        return self._database[PROJECTION.collection(view)]

    async def posts(self, selection: Selection, limit: int) -> list[Doc]:
        """The latest published posts, without their texts; those of one moment by id."""
        found = self._view(ARTICLES).find(selection.query(), _OF_ARTICLES_ONLY)
        return await found.sort([("published_at", -1), ("_id", -1)]).limit(limit).to_list()

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

    async def people(self, ids: Iterable[UUID]) -> dict[UUID, Doc]:
        """The people with some ids; those who are not known yet are missing."""
        found = await self._find(PEOPLE, [f"user:{user_id}" for user_id in set(ids)])
        return {id_of(doc): doc for doc in found}

    async def remarks(self, post_id: UUID) -> list[Remark]:
        """All comments on a post, the oldest first; answered from an index alone."""
        found = self._view(COMMENTS).find({"post_id": post_id}, {"_id": 1, "parent_id": 1}).sort([("created_at", 1), ("_id", 1)])
        return [Remark(id_of(doc), doc["parent_id"]) for doc in await found.to_list()]

    async def comments(self, ids: Sequence[UUID]) -> dict[UUID, Doc]:
        """Some comments, with all of each."""
        return {id_of(doc): doc for doc in await self._find(COMMENTS, [f"comment:{comment_id}" for comment_id in ids])}

    async def comment_counts(self, kind: str, ids: Sequence[UUID]) -> Mapping[UUID, int]:
        """How many comments some posts have, or how many answers some comments (`kind`: post or comment); where none, missing."""
        return {id_of(doc): doc["comments"] for doc in await self._find(THREADS, [f"{kind}:{each}" for each in ids])}

    async def _find(self, view: View, ids: Sequence[str]) -> list[Doc]:
        if not ids:
            return []
        return await self._view(view).find({"_id": {"$in": ids}} if len(ids) > 1 else {"_id": ids[0]}).to_list()


def id_of(doc: Doc) -> UUID:
    """The id of what a document is about."""
    return UUID(doc["_id"].partition(":")[2])
