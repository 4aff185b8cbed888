"""What waits because a view could not digest it, or an earlier record of its streams, in MongoDB: one document for each such record."""

from collections.abc import Iterable
from typing import Any

from pymongo import ASCENDING, DeleteOne, InsertOne, ReplaceOne, UpdateMany
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.entries import Parked, Waiting
from eventlog.ledger import Folded
from eventlog.record import Partition


class MongoParked:
    """What waits in the views of one version of a service."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], label: str) -> None:
        self._parked = database.parked
        self._label = label

    async def prepare(self) -> None:
        """Make the indexes."""
        await self._parked.create_index([("place", ASCENDING), ("offset", ASCENDING)])
        await self._parked.create_index([("streams", ASCENDING)])

    async def find(
        self, streams: Iterable[str] | None = None, *, place: Partition | None = None, beyond: int = -1, most: int = 0
    ) -> list[Parked]:
        """See `Ledger.parked`."""
        query: dict[str, Any] = {"views": self._label}
        if streams is not None:
            query["streams"] = {"$in": list(streams)}
        if place is not None:
            query |= {"place": str(place), "offset": {"$gt": beyond}}
        found = self._parked.find(query).sort([("place", ASCENDING), ("offset", ASCENDING)]).limit(most)
        return [
            Parked(Partition.parse(d["place"]), d["offset"], tuple(d["streams"]), d["cause"], d["time"], d.get("program"))
            async for d in found
        ]

    async def streams(self, places: Iterable[Partition]) -> dict[Partition, set[str]]:
        """See `Ledger.parked_streams`."""
        found: dict[Partition, set[str]] = {}
        names = [str(place) for place in places]
        if not names:
            return found
        async for doc in self._parked.find({"views": self._label, "place": {"$in": names}}, {"place": 1, "streams": 1}):
            found.setdefault(Partition.parse(doc["place"]), set()).update(doc["streams"])
        return found

    async def waiting(self, program: str) -> dict[Partition, Waiting]:
        """See `Ledger.waiting`."""
        untried = {"$max": {"$ne": ["$program", program]}}
        grouped = {"$group": {"_id": "$place", "records": {"$sum": 1}, "untried": untried}}
        found = await self._parked.aggregate([{"$match": {"views": self._label}}, grouped])
        return {Partition.parse(doc["_id"]): Waiting(doc["records"], doc["untried"]) async for doc in found}

    async def retry(self, streams: Iterable[str] | None) -> int:
        """See `Ledger.retry`."""
        wanted = {"views": self._label} | ({"streams": {"$in": list(streams)}} if streams is not None else {})
        return (await self._parked.update_many(wanted, {"$set": {"program": None}})).matched_count

    async def write(self, folded: Folded, session: AsyncClientSession) -> None:
        """Park records; say anew why they are parked of those that were before; let others go, and ask that those behind them be tried."""
        operations: list[Any] = []
        for each in folded.parked:
            doc = {"_id": self._id(each), "views": self._label, **_fields(each)}
            operations.append(InsertOne(doc) if each.offset >= folded.moves[each.place][0].fed else ReplaceOne({"_id": doc["_id"]}, doc))
        for place, freed in _by_place(folded.freed).items():
            operations += [DeleteOne({"_id": self._id(each)}) for each in freed]
            last = max(each.offset for each in (*folded.parked, *freed) if each.place == place)
            behind = {"place": str(place), "offset": {"$gt": last}, "streams": {"$in": list({s for each in freed for s in each.streams})}}
            operations.append(UpdateMany({"views": self._label, **behind}, {"$set": {"program": None}}))
        if operations:
            await self._parked.bulk_write(operations, ordered=False, session=session)

    def _id(self, each: Parked) -> str:
        return f"{self._label}/{each.place}/{each.offset}"


def _by_place(parked: Iterable[Parked]) -> dict[Partition, list[Parked]]:
    found: dict[Partition, list[Parked]] = {}
    for each in parked:
        found.setdefault(each.place, []).append(each)
    return found


def _fields(each: Parked) -> dict[str, Any]:
    return {
        "place": str(each.place),
        "offset": each.offset,
        "streams": list(each.streams),
        "cause": each.cause,
        "time": each.time,
        "program": each.program,
    }
