"""How far the log was judged and the views were fed, in MongoDB.

There is a document for the ledger's position in each partition (`posts/3`), and one for each version of the views that is fed from it
(`posts/3 query_v1`), so that the leaders of two versions never write the same document.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from pymongo import UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.entries import Position, PositionLost, PositionsGone
from eventlog.ledger import Moved
from eventlog.log import places_of
from eventlog.projection import Projection
from eventlog.record import Partition

_WRITTEN = ("insert", "update", "replace")


class MongoPositions:
    """The positions of one service, with those of one version of its views."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], projection: Projection) -> None:
        self._database = database
        self._label = projection.label
        self._places = {self.id(place): place for place in places_of(projection.topics)}

    def id(self, place: Partition) -> str:
        """The id of the document that says how far this version of the views is."""
        return f"{place} {self._label}"

    async def prepare(self, places: Iterable[Partition]) -> None:
        """Make those that are missing."""
        made = list(places)
        earlier = {doc["_id"]: doc for doc in await self._database.positions.find({f"{self._label}_fed": {"$exists": True}}).to_list()}
        judged = [UpdateOne({"_id": str(place)}, {"$setOnInsert": {"next": 0, "last": ""}}, upsert=True) for place in made]
        fed = [
            UpdateOne({"_id": self.id(place)}, {"$setOnInsert": self._begun(earlier.get(str(place), {}))}, upsert=True) for place in made
        ]
        await self._database.positions.bulk_write(judged + fed)

    def _begun(self, earlier: Mapping[str, Any]) -> dict[str, Any]:
        """Where the views stand at first: where they stood when programs kept all in one document, or at the beginning."""
        name = self._label
        return {"views": name, "fed": earlier.get(f"{name}_fed") or 0, "parked": earlier.get(f"{name}_parked"), "cured": 0}

    async def all(self, session: AsyncClientSession | None = None) -> dict[Partition, Position]:
        """See `Ledger.positions`."""
        query = {"views": {"$in": [None, self._label]}}
        docs = {doc["_id"]: doc for doc in await self._database.positions.find(query, session=session).to_list()}
        judged = {Partition.parse(name): doc for name, doc in docs.items() if "views" not in doc}
        return {place: _position(place, doc, docs.get(self.id(place), {})) for place, doc in judged.items()}

    @asynccontextmanager
    async def changes(self) -> AsyncIterator[AsyncIterator[Moved]]:
        """See `Ledger.changes`: by a change stream, which a dropped database ends without an exception."""
        wanted = {"$or": [{"documentKey._id": {"$in": list(self._places)}}, {"operationType": {"$nin": list(_WRITTEN)}}]}
        async with await self._database.positions.watch([{"$match": wanted}]) as changes:

            async def moved() -> AsyncIterator[Moved]:
                while changes.alive:
                    change = await changes.try_next()
                    if change is not None and (news := await self._moved(change)) is not None:
                        yield news
                raise PositionsGone("the positions are watched no more")

            yield moved()

    async def _moved(self, change: Mapping[str, Any]) -> Moved | None:
        kind, name = change["operationType"], change.get("documentKey", {}).get("_id")
        if kind == "insert" or (kind == "delete" and " " in name and name not in self._places):
            return None  # that of another version of the views
        if kind != "update":
            raise PositionsGone(f"the positions went away ({kind})")
        place, fields = self._places[name], change["updateDescription"]["updatedFields"]
        if "fed" in fields:
            return Moved(place, fields["fed"], fields.get("parked"), same="parked" not in fields)
        # Something was cured: it says not where the views stand now, and an older place would count for nothing.
        position = (await self.all()).get(place)
        return Moved(place, position.fed, position.parked) if position is not None else None

    async def move(self, moves: Mapping[Partition, tuple[Position, Position]], session: AsyncClientSession) -> None:
        """Move positions, each by compare-and-set. Raises PositionLost where one is not the one that a batch began from.

        Where nothing was judged the ledger's position is not compared: what is below it never changes.
        """
        advances = []
        for place, (old, new) in moves.items():
            if (old.next, old.last) != (new.next, new.last):
                advances.append(UpdateOne({"_id": str(place), "next": old.next}, {"$set": {"next": new.next, "last": new.last}}))
            stood = {"_id": self.id(place), "fed": old.fed, "parked": old.parked, "cured": old.cured}
            advances.append(UpdateOne(stood, {"$set": {"fed": new.fed, "parked": new.parked, "cured": new.cured}}))
        if (await self._database.positions.bulk_write(advances, ordered=False, session=session)).matched_count != len(advances):
            raise PositionLost("another process moved a position")


def _position(place: Partition, judged: Mapping[str, Any], fed: Mapping[str, Any]) -> Position:
    return Position(place, judged["next"], judged["last"], fed.get("fed", 0), fed.get("parked"), fed.get("cured", 0))
