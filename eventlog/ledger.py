"""Verdicts, positions and views of one service in MongoDB: what a batch reads, and what it writes in one transaction.

Collections: `ledger` (stream: version), `attempts` (attempt: offset, verdict, request), `voids` (the offsets of void records), `positions`,
`parked`, and one for each view. All of it may be dropped and is rebuilt from the log. Streams and attempts belong to a partition and are
kept for ever: bounded by count or clock, a rebuilt ledger would differ from a live one.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from bson.raw_bson import RawBSONDocument
from pymongo import ASCENDING, DeleteOne, InsertOne, ReplaceOne, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from eventlog.documents import OPTIONS
from eventlog.entries import Attempt, Parked, Position, PositionLost
from eventlog.judging import Judged, Known
from eventlog.projection import Doc, Key, Projection
from eventlog.record import Partition, Record
from eventlog.referee import Heading, Verdict

Session = AsyncClientSession
Database = AsyncDatabase[dict[str, Any]]
Encoded = Mapping[str, Mapping[str, RawBSONDocument | None]]  # collection to id to document, None for one that goes


class Ledger:
    """The ledger, positions and views of one service, in a database of their own."""

    def __init__(self, database: Database, projection: Projection) -> None:
        self.database = database.with_options(OPTIONS, read_concern=ReadConcern("majority"), write_concern=WriteConcern("majority"))
        self.projection = projection
        self.fed_field = f"{projection.label}_fed"
        self.parked_field = f"{projection.label}_parked"

    async def prepare(self, places: Iterable[Partition]) -> None:
        """Make the indexes, and a position for every partition that has none."""
        await self.database.parked.create_index([("place", ASCENDING), ("offset", ASCENDING)])
        await self.database.voids.create_index([("place", ASCENDING), ("offset", ASCENDING)])
        for view in self.projection.views:
            collection = self.database[self.projection.collection(view)]
            for index in view.indexes:
                await collection.create_index(index)
            if not view.indexes:
                await collection.create_index([("_id", ASCENDING)])  # makes the collection: a transaction should not have to
        for name in ("ledger", "attempts"):
            await self.database[name].create_index([("_id", ASCENDING)])
        await self.database.positions.bulk_write(
            [UpdateOne({"_id": str(place)}, {"$setOnInsert": {"next": 0, "last": ""}}, upsert=True) for place in places]
        )

    async def positions(self, session: Session | None = None) -> dict[Partition, Position]:
        """All positions. A partition that a dropped database took away is missing."""
        found = await self.database.positions.find({}, session=session).to_list()
        return {position.place: position for position in (self.position(doc) for doc in found)}

    def position(self, doc: Mapping[str, Any]) -> Position:
        """A position from its document."""
        return Position(Partition.parse(doc["_id"]), doc["next"], doc["last"], doc.get(self.fed_field, 0), doc.get(self.parked_field))

    async def attempts(self, place: Partition, attempts: Iterable[str]) -> dict[str, Attempt]:
        """What was decided of some attempts; those of which nothing is decided are missing."""
        prefix = f"{place}/"
        found = self.database.attempts.find({"_id": {"$in": [prefix + attempt for attempt in attempts]}})
        return {
            doc["_id"].removeprefix(prefix): Attempt(doc["accepted"], doc["offset"], doc["request"], doc["closed"]) async for doc in found
        }

    async def states(self, streams: Iterable[str]) -> dict[str, Doc]:
        """The documents that decide some streams, each with its version; those of which nothing happened are missing."""
        by_collection: dict[str, list[str]] = {}
        for stream in streams:
            by_collection.setdefault(self.projection.collection(self.projection.deciding(stream)), []).append(stream)
        found: dict[str, Doc] = {}
        for collection, ids in by_collection.items():
            if len(ids) == 1:
                doc = await self.database[collection].find_one({"_id": ids[0]})
                found |= {ids[0]: doc} if doc is not None else {}
            else:
                found |= {doc["_id"]: doc async for doc in self.database[collection].find({"_id": {"$in": ids}})}
        return found

    async def parked(self, streams: Iterable[str] | None = None) -> list[Parked]:
        """What is parked, in the log's order; with `streams`, only what concerns one of them."""
        query: dict[str, Any] = {"views": self.projection.label} | ({} if streams is None else {"streams": {"$in": list(streams)}})
        found = self.database.parked.find(query).sort([("place", ASCENDING), ("offset", ASCENDING)])
        return [Parked(Partition.parse(d["place"]), d["offset"], tuple(d["streams"]), d["cause"], d["time"]) async for d in found]

    async def known(
        self, batch: Iterable[tuple[Record, Heading | None]], positions: Mapping[Partition, Position], session: Session
    ) -> Known:
        """What is held about a batch."""
        known = Known()
        streams: set[str] = set()
        attempts: set[str] = set()
        below: list[str] = []
        for record, heading in batch:
            place = f"{record.topic}/{record.partition}/"
            if record.offset < positions[record.place].next:
                below.append(f"{place}{record.offset}")
            elif heading is not None:
                streams.update(place + stream for stream in heading.expects)
                streams.update(place + stream for stream in heading.reads)
                attempts.add(place + heading.attempt)
        if streams:
            for doc in await self.database.ledger.find({"_id": {"$in": list(streams)}}, session=session).to_list():
                known.versions[doc["_id"]] = doc["v"]
        if attempts:
            found = self.database.attempts.find({"_id": {"$in": list(attempts)}}, {"_id": 1}, session=session)
            known.decided.update(doc["_id"] for doc in await found.to_list())
        if below:
            for doc in await self.database.voids.find({"_id": {"$in": below}}, session=session).to_list():
                known.void[Partition.parse(doc["place"]), doc["offset"]] = Verdict(doc["verdict"])
        return known

    async def documents(self, keys: Iterable[Key], session: Session) -> dict[Key, Doc | None]:
        """The documents of some views, None for those that are not there."""
        by_view: dict[str, list[str]] = {}
        for name, doc_id in dict.fromkeys(keys):
            by_view.setdefault(name, []).append(doc_id)
        found: dict[Key, Doc | None] = {}
        for view in self.projection.views:
            ids = by_view.get(view.name)
            if ids:
                found |= {(view.name, doc_id): None for doc_id in ids}
                query = {"_id": {"$in": ids}} if len(ids) > 1 else {"_id": ids[0]}
                cursor = self.database[self.projection.collection(view)].find(query, session=session)
                found |= {(view.name, doc["_id"]): doc for doc in await cursor.to_list()}
        return found

    async def parked_streams(self, places: Iterable[Partition], session: Session) -> dict[Partition, set[str]]:
        """The streams that wait, partition by partition."""
        found: dict[Partition, set[str]] = {}
        query = {"views": self.projection.label, "place": {"$in": [str(place) for place in places]}}
        async for doc in self.database.parked.find(query, session=session):
            found.setdefault(Partition.parse(doc["place"]), set()).update(doc["streams"])
        return found

    async def write(
        self, judged: Judged, results: Encoded, parked: list[Parked], moves: Mapping[Partition, tuple[Position, Position]], session: Session
    ) -> None:
        """Write all of a batch. Raises PositionLost where a position is not the one that the batch began from."""
        upserts = [ReplaceOne({"_id": stream}, {"v": version}, upsert=True) for stream, version in judged.versions.items()]
        await self._bulk("ledger", upserts, session)
        await self._bulk("attempts", [InsertOne(doc) for doc in judged.attempts], session)
        await self._bulk("voids", [InsertOne(doc) for doc in judged.voids], session)
        for collection, docs in results.items():
            ops: list[Any] = [
                ReplaceOne({"_id": i}, doc, upsert=True) if doc is not None else DeleteOne({"_id": i}) for i, doc in docs.items()
            ]
            await self._bulk(collection, ops, session)
        await self._bulk("parked", [InsertOne(self._parked(each)) for each in parked], session)
        advances = [
            UpdateOne(
                {"_id": str(old.place), "next": old.next, self.fed_field: old.fed or None},
                {"$set": {"next": new.next, "last": new.last, self.fed_field: new.fed, self.parked_field: new.parked}},
            )
            for old, new in moves.values()
        ]
        result = await self.database.positions.bulk_write(advances, ordered=False, session=session)
        if result.matched_count != len(advances):
            raise PositionLost("another process moved a position")

    def _parked(self, each: Parked) -> dict[str, Any]:
        return {
            "_id": f"{self.projection.label}/{each.place}/{each.offset}",
            "views": self.projection.label,
            "place": str(each.place),
            "offset": each.offset,
            "streams": list(each.streams),
            "cause": each.cause,
            "time": each.time,
        }

    async def _bulk(self, collection: str, operations: list[Any], session: Session) -> None:
        if operations:
            await self.database[collection].bulk_write(operations, ordered=False, session=session)
