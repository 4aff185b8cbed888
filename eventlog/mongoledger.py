"""The ledger in MongoDB: verdicts, positions and views of one service, in a database of their own.

Collections: `ledger` (stream: version), `attempts` (attempt: offset, verdict, request), `voids` (the offsets of void records), `positions`,
`parked`, `leases`, and one for each view of each version. Streams and attempts belong to a partition and are kept for ever: bounded by
count or clock, a rebuilt ledger would differ from a live one.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

from pymongo import ASCENDING
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from eventlog.documents import OPTIONS
from eventlog.entries import Attempt, Parked, Position, PositionsGone, Waiting
from eventlog.ledger import Folded, Moved, scoped
from eventlog.mongoleases import MongoLeases
from eventlog.mongoparked import MongoParked
from eventlog.mongopositions import MongoPositions
from eventlog.mongowriter import MongoWriter, write
from eventlog.projection import Doc, Projection, View
from eventlog.record import Partition
from eventlog.referee import Verdict
from eventlog.together import Together

Session = AsyncClientSession
Database = AsyncDatabase[dict[str, Any]]


class MongoLedger:
    """See `eventlog.ledger.Ledger`."""

    def __init__(self, database: Database, projection: Projection, *, program: str = "") -> None:
        self.database = database.with_options(OPTIONS, read_concern=ReadConcern("majority"), write_concern=WriteConcern("majority"))
        self.projection = projection
        self.program = program
        self._positions = MongoPositions(self.database, projection)
        self._parked = MongoParked(self.database, projection.label)
        self._docs = {view.name: Together(partial(self.documents, view.name)) for view in projection.views}
        self._states = {view.name: Together(partial(self._at_once, projection.collection(view))) for view in projection.views}
        self._attempts = Together(partial(self._read, "attempts"))

    async def prepare(self, places: Iterable[Partition]) -> None:
        """See `Ledger.prepare`."""
        await self._parked.prepare()
        await self.database.voids.create_index([("place", ASCENDING), ("offset", ASCENDING)])
        for view in self.projection.views:
            collection = self.database[self.projection.collection(view)]
            for index in view.indexes:
                await collection.create_index(index)
            if not view.indexes:
                await collection.create_index([("_id", ASCENDING)])  # makes the collection: a transaction should not have to
        for name in ("ledger", "attempts"):
            await self.database[name].create_index([("_id", ASCENDING)])
        await self._positions.prepare(places)

    async def positions(self, session: Session | None = None) -> dict[Partition, Position]:
        """See `Ledger.positions`."""
        return await self._positions.all(session)

    def changes(self) -> AbstractAsyncContextManager[AsyncIterator[Moved]]:
        """See `Ledger.changes`."""
        return self._positions.changes()

    async def states(self, place: Partition, streams: Iterable[str]) -> dict[str, tuple[Doc | None, int | None]]:
        """See `Ledger.states`."""
        by_view: dict[str, list[str]] = {}
        for stream in streams:
            by_view.setdefault(self.projection.deciding(stream).name, []).append(stream)
        found: dict[str, tuple[Doc | None, int | None]] = {}
        for view, ids in by_view.items():
            names = [f"{place} {stream}" for stream in ids]
            answers = await self._states[view](names)
            found |= {stream: answers[name] for stream, name in zip(ids, names, strict=True)}
        return found

    async def read(self, view: str, ids: Iterable[str]) -> dict[str, Doc]:
        """Some documents of a view; those that are not there are missing. What many ask for at once is asked once."""
        return await self._docs[view](ids)

    def collection(self, view: View) -> AsyncCollection[dict[str, Any]]:
        """The collection that holds a view."""
        return self.database[self.projection.collection(view)]

    async def attempts(self, place: Partition, attempts: Iterable[str]) -> dict[str, Attempt]:
        """See `Ledger.attempts`."""
        prefix = scoped(place, "")
        found = await self._attempts(prefix + attempt for attempt in attempts)
        return {
            name.removeprefix(prefix): Attempt(doc["accepted"], doc["offset"], doc["request"], doc["closed"]) for name, doc in found.items()
        }

    async def parked(
        self, streams: Iterable[str] | None = None, *, place: Partition | None = None, beyond: int = -1, most: int = 0
    ) -> list[Parked]:
        """See `Ledger.parked`."""
        return await self._parked.find(streams, place=place, beyond=beyond, most=most)

    async def waiting(self) -> dict[Partition, Waiting]:
        """See `Ledger.waiting`."""
        return await self._parked.waiting(self.program)

    async def retry(self, streams: Iterable[str] | None = None) -> int:
        """See `Ledger.retry`."""
        return await self._parked.retry(streams)

    async def parked_streams(self, places: Iterable[Partition]) -> dict[Partition, set[str]]:
        """See `Ledger.parked_streams`."""
        return await self._parked.streams(places)

    async def versions(self, streams: list[str]) -> dict[str, int]:
        """See `Ledger.versions`."""
        return {stream: doc["v"] for stream, doc in (await self._read("ledger", streams)).items()}

    async def decided(self, attempts: list[str]) -> set[str]:
        """See `Ledger.decided`."""
        return set(await self._read("attempts", attempts))

    async def voids(self, offsets: list[str]) -> dict[tuple[Partition, int], Verdict]:
        """See `Ledger.voids`."""
        found = (await self._read("voids", offsets)).values()
        return {(Partition.parse(doc["place"]), doc["offset"]): Verdict(doc["verdict"]) for doc in found}

    async def documents(self, view: str, ids: list[str]) -> dict[str, Doc]:
        """See `Ledger.documents`."""
        return await self._read(view + self.projection.suffix, ids)

    def writer(self) -> MongoWriter:
        """See `Ledger.writer`."""
        return MongoWriter(self.database.client, self.write)

    async def write(self, folded: Folded, session: Session) -> None:
        """Write all that follows from a batch, within a transaction."""
        await write(self.database, self.projection, self._positions, self._parked, folded, session)

    def leases(self, places: Iterable[Partition], replica: str, term_ms: int) -> MongoLeases:
        """See `Ledger.leases`."""
        return MongoLeases(self.database, self.projection.label, places, replica, term_ms)

    async def _read(self, collection: str, ids: list[str]) -> dict[str, Doc]:
        query = {"_id": {"$in": ids}} if len(ids) > 1 else {"_id": ids[0]}
        return {doc["_id"]: doc for doc in await self.database[collection].find(query).to_list()}

    async def _at_once(self, collection: str, names: list[str]) -> dict[str, tuple[Doc | None, int | None]]:
        """Documents of a view and the positions that they belong to, read in one snapshot. A name is a partition and a stream."""
        wanted = [(self._positions.id(Partition.parse(place)), stream) for place, stream in (name.split(" ", 1) for name in names)]
        positions = {"$match": {"_id": {"$in": sorted({place for place, _ in wanted})}}}
        pipeline: list[dict[str, Any]] = [
            {"$match": {"_id": {"$in": list({stream for _, stream in wanted})}}},
            {"$unionWith": {"coll": "positions", "pipeline": [positions, {"$project": {"fed": 1, "parked": 1}}]}},
        ]
        async with self.database.client.start_session(snapshot=True) as session:
            found = {doc["_id"]: doc async for doc in await self.database[collection].aggregate(pipeline, session=session)}
        as_of: dict[str, int | None] = {}
        for place in {place for place, _ in wanted}:
            if place not in found:
                raise PositionsGone("a position is gone")
            as_of[place] = found[place]["fed"] if found[place]["parked"] is None else None
        return {name: (found.get(stream), as_of[place]) for name, (place, stream) in zip(names, wanted, strict=True)}
