"""The ledger in memory: the promises of `mongoledger.py` without a database, for tests of everything above it, and for trying things out.

Documents are kept as the bytes that MongoDB would hold, so that what is read is what it would give back.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

from pymongo.errors import DuplicateKeyError

from eventlog.entries import Attempt, AttemptKnown, Parked, Position, PositionLost, PositionsGone
from eventlog.ledger import Folded, Moved, scoped
from eventlog.memoryleases import MemoryLeases
from eventlog.memorystore import Change, MemoryStore
from eventlog.projection import Doc, Projection
from eventlog.record import Partition
from eventlog.referee import Verdict


class MemoryLedger:
    """See `eventlog.ledger.Ledger`. Of what MongoDB refuses, too deep a document is taken here."""

    def __init__(self, store: MemoryStore, projection: Projection) -> None:
        self.store = store
        self.projection = projection
        self._fed = f"{projection.label}_fed"
        self._parked = f"{projection.label}_parked"

    async def prepare(self, places: Iterable[Partition]) -> None:
        """See `Ledger.prepare`."""
        for place in places:
            if str(place) not in self.store.collections["positions"]:
                self.store.put("positions", {"_id": str(place), "next": 0, "last": ""})

    async def positions(self) -> dict[Partition, Position]:
        """See `Ledger.positions`."""
        return {position.place: position for position in map(self._position, self.store.all("positions"))}

    @asynccontextmanager
    async def changes(self) -> AsyncIterator[AsyncIterator[Moved]]:
        """See `Ledger.changes`."""
        seen: asyncio.Queue[Change | None] = asyncio.Queue()
        self.store.watchers.append(seen.put_nowait)

        async def moved() -> AsyncIterator[Moved]:
            while (change := await seen.get()) is not None:
                place, fields = change
                if self._fed in fields:
                    yield Moved(place, fields[self._fed], fields.get(self._parked), same=self._parked not in fields)
            raise PositionsGone("the positions went away")

        try:
            yield moved()
        finally:
            self.store.watchers.remove(seen.put_nowait)

    async def states(self, place: Partition, streams: Iterable[str]) -> dict[str, tuple[Doc | None, int | None]]:
        """See `Ledger.states`."""
        stored = self.store.find("positions", [str(place)])
        if not stored:
            raise PositionsGone("a position is gone")
        position = self._position(stored[str(place)])
        found: dict[str, tuple[Doc | None, int | None]] = {}
        for stream in streams:
            docs = self.store.find(self.projection.collection(self.projection.deciding(stream)), [stream])
            found[stream] = docs.get(stream), position.fed if position.parked is None else None
        return found

    async def attempts(self, place: Partition, attempts: Iterable[str]) -> dict[str, Attempt]:
        """See `Ledger.attempts`."""
        found = self.store.find("attempts", [scoped(place, attempt) for attempt in attempts])
        return {
            name.removeprefix(scoped(place, "")): Attempt(doc["accepted"], doc["offset"], doc["request"], doc["closed"])
            for name, doc in found.items()
        }

    async def parked(self, streams: Iterable[str] | None = None) -> list[Parked]:
        """See `Ledger.parked`."""
        wanted = None if streams is None else set(streams)
        found = [
            Parked(Partition.parse(doc["place"]), doc["offset"], tuple(doc["streams"]), doc["cause"], doc["time"])
            for doc in self.store.all("parked")
            if doc["views"] == self.projection.label and (wanted is None or wanted.intersection(doc["streams"]))
        ]
        return sorted(found, key=lambda each: (str(each.place), each.offset))

    async def parked_streams(self, places: Iterable[Partition]) -> dict[Partition, set[str]]:
        """See `Ledger.parked_streams`."""
        wanted = set(places)
        found: dict[Partition, set[str]] = {}
        for each in await self.parked() if wanted else ():
            if each.place in wanted:
                found.setdefault(each.place, set()).update(each.streams)
        return found

    async def versions(self, streams: list[str]) -> dict[str, int]:
        """See `Ledger.versions`."""
        return {stream: doc["v"] for stream, doc in self.store.find("ledger", streams).items()}

    async def decided(self, attempts: list[str]) -> set[str]:
        """See `Ledger.decided`."""
        return set(self.store.find("attempts", attempts))

    async def voids(self, offsets: list[str]) -> dict[tuple[Partition, int], Verdict]:
        """See `Ledger.voids`."""
        found = self.store.find("voids", offsets).values()
        return {(Partition.parse(doc["place"]), doc["offset"]): Verdict(doc["verdict"]) for doc in found}

    async def documents(self, view: str, ids: list[str]) -> dict[str, Doc]:
        """See `Ledger.documents`."""
        return self.store.find(f"{view}_v{self.projection.version}", ids)

    def writer(self) -> "MemoryWriter":
        """See `Ledger.writer`."""
        return MemoryWriter(self)

    def leases(self, places: Iterable[Partition], replica: str, term_ms: int) -> MemoryLeases:
        """See `Ledger.leases`."""
        return MemoryLeases(self.store.leases, places, replica, term_ms)

    def check(self, folded: Folded) -> None:
        """Raises AttemptKnown or PositionLost where a batch may not be written, and DuplicateKeyError where part of it was."""
        docs = self.store.collections
        if any(doc["_id"] in docs["attempts"] for doc in folded.judged.attempts):
            raise AttemptKnown
        self.check_positions(folded)
        if any(doc["_id"] in docs["voids"] for doc in folded.judged.voids) or any(
            self._parked_id(each) in docs["parked"] for each in folded.parked
        ):
            raise DuplicateKeyError("a record is written twice")

    def check_positions(self, folded: Folded) -> None:
        """Raises PositionLost where a position is not the one that a batch began from."""
        stored = self.store.find("positions", map(str, folded.moves))
        for place, (old, _) in folded.moves.items():
            found = self._position(stored[str(place)]) if str(place) in stored else None
            if found is None or (found.next, found.fed, found.parked) != (old.next, old.fed, old.parked):
                raise PositionLost("another process moved a position")

    def put_verdicts(self, folded: Folded) -> None:
        """Store the ledger's part of a batch."""
        for stream, version in folded.judged.versions.items():
            self.store.put("ledger", {"_id": stream, "v": version})
        for name, docs in (("attempts", folded.judged.attempts), ("voids", folded.judged.voids)):
            for doc in docs:
                self.store.put(name, doc)

    def put_views(self, folded: Folded) -> None:
        """Store the rest of a batch: documents, what is parked, and last the positions."""
        for view in self.projection.views:
            docs = self.store.collections[self.projection.collection(view)]
            for (name, doc_id), doc in folded.written.items():
                if name == view.name and doc is not None:
                    docs[doc_id] = bytes(doc.raw)
                elif name == view.name:
                    docs.pop(doc_id, None)
        for each in folded.parked:
            where = {"_id": self._parked_id(each), "views": self.projection.label, "place": str(each.place), "offset": each.offset}
            self.store.put("parked", {**where, "streams": list(each.streams), "cause": each.cause, "time": each.time})
        for place, (_, new) in folded.moves.items():
            self.store.move(place, {"next": new.next, "last": new.last, self._fed: new.fed, self._parked: new.parked})

    def _parked_id(self, each: Parked) -> str:
        return f"{self.projection.label}/{each.place}/{each.offset}"

    def _position(self, doc: Mapping[str, Any]) -> Position:
        return Position(Partition.parse(doc["_id"]), doc["next"], doc["last"], doc.get(self._fed) or 0, doc.get(self._parked))


class MemoryWriter:
    """See `eventlog.ledger.Writer`. A batch is written between two awaits, so that nobody sees a part of it."""

    def __init__(self, ledger: MemoryLedger) -> None:
        self.id: UUID = uuid4()
        self._ledger = ledger

    async def write(self, folded: Folded) -> None:
        """See `Writer.write`."""
        self._ledger.check(folded)
        self._ledger.put_verdicts(folded)
        self._ledger.put_views(folded)

    async def close(self) -> None:
        """See `Writer.close`."""
