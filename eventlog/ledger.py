"""Verdicts, positions and views of one service in MongoDB: what a batch reads, and what it writes in one transaction.

Collections: `ledger` (stream: version), `attempts` (attempt: offset, verdict, request), `voids` (the offsets of void records), `positions`,
`parked`, and one for each view. All of it may be dropped and is rebuilt from the log. Streams and attempts belong to a partition and are
kept for ever: bounded by count or clock, a rebuilt ledger would differ from a live one.
"""

from collections.abc import Container, Iterable, Mapping
from functools import partial
from typing import Any

from pymongo import ASCENDING, DeleteOne, InsertOne, ReplaceOne, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from eventlog.caching import Cache
from eventlog.documents import OPTIONS, Encoded
from eventlog.entries import Attempt, AttemptKnown, Parked, Position, PositionLost
from eventlog.judging import Judged, Known
from eventlog.projection import Doc, Key, Projection
from eventlog.record import Partition, Record
from eventlog.referee import Heading, Verdict
from eventlog.together import Together

Session = AsyncClientSession
Database = AsyncDatabase[dict[str, Any]]
DUPLICATE_KEY = 11000
MANY = 50


class Ledger:
    """The ledger, positions and views of one service, in a database of their own."""

    def __init__(self, database: Database, projection: Projection) -> None:
        self.database = database.with_options(OPTIONS, read_concern=ReadConcern("majority"), write_concern=WriteConcern("majority"))
        self.projection = projection
        self.fed_field = f"{projection.label}_fed"
        self.parked_field = f"{projection.label}_parked"
        self._docs = {view.name: Together(partial(self._read, projection.collection(view))) for view in projection.views}
        self._attempts = Together(partial(self._read, "attempts"))

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
        found = await self._attempts(prefix + attempt for attempt in attempts)
        return {
            name.removeprefix(prefix): Attempt(doc["accepted"], doc["offset"], doc["request"], doc["closed"]) for name, doc in found.items()
        }

    async def states(self, streams: Iterable[str]) -> dict[str, Doc]:
        """The documents that decide some streams, each with its version; those of which nothing happened are missing."""
        by_view: dict[str, list[str]] = {}
        for stream in streams:
            by_view.setdefault(self.projection.deciding(stream).name, []).append(stream)
        found: dict[str, Doc] = {}
        for view, ids in by_view.items():
            found |= await self.read(view, ids)
        return found

    async def read(self, view: str, ids: Iterable[str]) -> dict[str, Doc]:
        """Some documents of a view; those that are not there are missing. What many ask for at once is asked once."""
        return await self._docs[view](ids)

    async def parked(self, streams: Iterable[str] | None = None) -> list[Parked]:
        """What is parked, in the log's order; with `streams`, only what concerns one of them."""
        query: dict[str, Any] = {"views": self.projection.label} | ({} if streams is None else {"streams": {"$in": list(streams)}})
        found = self.database.parked.find(query).sort([("place", ASCENDING), ("offset", ASCENDING)])
        return [Parked(Partition.parse(d["place"]), d["offset"], tuple(d["streams"]), d["cause"], d["time"]) async for d in found]

    async def known(
        self, batch: Iterable[tuple[Record, Heading | None]], positions: Mapping[Partition, Position], cache: Cache, *, repeats: bool
    ) -> Known:
        """What is held about a batch; with `repeats` also which of its attempts are decided, where one is known to be."""
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
        known.versions, missing = cache.versions(streams)
        if missing:
            known.versions.update(dict.fromkeys(missing, 0))
            known.versions.update({stream: doc["v"] for stream, doc in (await self._read("ledger", missing)).items()})
        if attempts and repeats:
            known.decided.update(await self._read("attempts", list(attempts)))
        if below:
            for doc in (await self._read("voids", below)).values():
                known.void[Partition.parse(doc["place"]), doc["offset"]] = Verdict(doc["verdict"])
        return known

    async def documents(self, keys: Iterable[Key], cache: Cache) -> dict[Key, Doc | None]:
        """The documents of some views, None for those that are not there."""
        found, missing = cache.documents(keys)
        by_view: dict[str, list[str]] = {}
        for name, doc_id in missing:
            by_view.setdefault(name, []).append(doc_id)
            found[name, doc_id] = None
        for view in self.projection.views:
            if view.name in by_view:
                docs = await self._read(self.projection.collection(view), by_view[view.name])
                found.update({(view.name, doc_id): doc for doc_id, doc in docs.items()})
        return found

    async def parked_streams(self, places: Iterable[Partition]) -> dict[Partition, set[str]]:
        """The streams that wait, partition by partition."""
        found: dict[Partition, set[str]] = {}
        names = [str(place) for place in places]
        if not names:
            return found
        async for doc in self.database.parked.find({"views": self.projection.label, "place": {"$in": names}}, {"place": 1, "streams": 1}):
            found.setdefault(Partition.parse(doc["place"]), set()).update(doc["streams"])
        return found

    async def write(
        self,
        judged: Judged,
        written: Mapping[Key, Encoded | None],
        absent: Container[Key],
        parked: list[Parked],
        moves: Mapping[Partition, tuple[Position, Position]],
        session: Session,
    ) -> None:
        """Write all of a batch, of whose documents those in `absent` are not there yet.

        Raises AttemptKnown, or PositionLost where a position is not the one that the batch began from.
        """
        versions = judged.versions.items()
        await self._bulk("ledger", _puts([(each, {"_id": each, "v": v}, each in judged.begun) for each, v in versions]), session)
        try:
            await self._bulk("attempts", [InsertOne(doc) for doc in judged.attempts], session)
        except BulkWriteError as error:
            if any(each["code"] == DUPLICATE_KEY for each in error.details["writeErrors"]):
                raise AttemptKnown from error
            raise
        await self._bulk("voids", [InsertOne(doc) for doc in judged.voids], session)
        for view in self.projection.views:
            docs = [(key, doc) for key, doc in written.items() if key[0] == view.name]
            gone: list[Any] = [DeleteOne({"_id": key[1]}) for key, doc in docs if doc is None]
            puts = _puts([(key[1], doc, key in absent) for key, doc in docs if doc is not None])
            await self._bulk(self.projection.collection(view), gone + puts, session)
        await self._bulk("parked", [InsertOne(self._parked(each)) for each in parked], session)
        advances = [
            UpdateOne(
                {"_id": str(old.place), "next": old.next, self.fed_field: old.fed or None, self.parked_field: old.parked},
                {"$set": {"next": new.next, "last": new.last, self.fed_field: new.fed, self.parked_field: new.parked}},
            )
            for old, new in moves.values()
        ]
        if (await self.database.positions.bulk_write(advances, ordered=False, session=session)).matched_count != len(advances):
            raise PositionLost("another process moved a position")

    async def _read(self, collection: str, ids: list[str]) -> dict[str, Doc]:
        query = {"_id": {"$in": ids}} if len(ids) > 1 else {"_id": ids[0]}
        return {doc["_id"]: doc for doc in await self.database[collection].find(query).to_list()}

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


def _puts(docs: list[tuple[str, Any, bool]]) -> list[Any]:
    """Operations that store documents by their ids, of each of which is said whether it is new.

    MongoDB inserts in half the time that a replacement takes, but to do both is one request more: it pays for many.
    """
    new = sum(is_new for _, _, is_new in docs)
    inserting = new == len(docs) or new >= MANY
    return [InsertOne(doc) if is_new and inserting else ReplaceOne({"_id": doc_id}, doc, upsert=True) for doc_id, doc, is_new in docs]
