"""The ledger in memory: the promises of `mongoledger.py` without a database, for tests of everything above it, and for trying things out.

Documents are kept as the bytes that MongoDB would hold, so that what is read is what it would give back.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from pymongo.errors import DuplicateKeyError

from eventlog.entries import Attempt, AttemptKnown, Parked, Position, PositionLost, PositionsGone, Waiting
from eventlog.ledger import Folded, Moved, scoped
from eventlog.memoryleases import MemoryLeases
from eventlog.memorystore import Change, MemoryStore
from eventlog.projection import Doc, Projection
from eventlog.record import Partition
from eventlog.referee import Verdict


class MemoryLedger:
    """See `eventlog.ledger.Ledger`. Of what MongoDB refuses, too deep a document is taken here."""

    def __init__(self, store: MemoryStore, projection: Projection, *, program: str = "") -> None:
        self.store = store
        self.projection = projection
        self.program = program
        self._fed = f"{projection.label}_fed"
        self._parked = f"{projection.label}_parked"
        self._cured = f"{projection.label}_cured"

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
                elif self._cured in fields:
                    position = (await self.positions())[place]
                    yield Moved(place, position.fed, position.parked)
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

    async def parked(
        self, streams: Iterable[str] | None = None, *, place: Partition | None = None, beyond: int = -1, most: int = 0
    ) -> list[Parked]:
        """See `Ledger.parked`."""
        wanted = None if streams is None else set(streams)
        found = [
            each
            for each in self._all_parked()
            if (wanted is None or wanted.intersection(each.streams)) and (place is None or (place == each.place and beyond < each.offset))
        ]
        return sorted(found, key=lambda each: (str(each.place), each.offset))[: most or None]

    def _all_parked(self) -> list[Parked]:
        return [
            Parked(Partition.parse(doc["place"]), doc["offset"], tuple(doc["streams"]), doc["cause"], doc["time"], doc["program"])
            for doc in self.store.all("parked")
            if doc["views"] == self.projection.label
        ]

    async def waiting(self) -> dict[Partition, Waiting]:
        """See `Ledger.waiting`."""
        found: dict[Partition, Waiting] = {}
        for each in self._all_parked():
            known = found.get(each.place, Waiting(0, untried=False))
            found[each.place] = Waiting(known.records + 1, untried=known.untried or each.program != self.program)
        return found

    async def retry(self, streams: Iterable[str] | None = None) -> int:
        """See `Ledger.retry`."""
        found = await self.parked(streams)
        for each in found:
            self._park(replace(each, program=None))
        return len(found)

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
        return self.store.find(view + self.projection.suffix, ids)

    def writer(self) -> "MemoryWriter":
        """See `Ledger.writer`."""
        return MemoryWriter(self)

    def leases(self, places: Iterable[Partition], replica: str, term_ms: int) -> MemoryLeases:
        """See `Ledger.leases`."""
        return MemoryLeases(self.store.leases, self.projection.label, places, replica, term_ms)

    def check(self, folded: Folded) -> None:
        """Raises AttemptKnown or PositionLost where a batch may not be written, and DuplicateKeyError where part of it was."""
        docs = self.store.collections
        if any(doc["_id"] in docs["attempts"] for doc in folded.judged.attempts):
            raise AttemptKnown
        self.check_positions(folded)
        if any(doc["_id"] in docs["voids"] for doc in folded.judged.voids) or any(
            self._parked_id(each.place, each.offset) in docs["parked"]
            for each in folded.parked
            if each.offset >= folded.moves[each.place][0].fed
        ):
            raise DuplicateKeyError("a record is written twice")

    def check_positions(self, folded: Folded) -> None:
        """Raises PositionLost where a position is not the one that a batch began from."""
        stored = self.store.find("positions", map(str, folded.moves))
        for place, (old, new) in folded.moves.items():
            found = self._position(stored[str(place)]) if str(place) in stored else None
            judged = (old.next, old.last) != (new.next, new.last)
            if found is None or (judged and found.next != old.next) or _stood(found) != _stood(old):
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
        self._put_parked(folded)
        for place, (old, new) in folded.moves.items():
            judged = {"next": new.next, "last": new.last} if (old.next, old.last) != (new.next, new.last) else {}
            self.store.move(place, {**judged, self._fed: new.fed, self._parked: new.parked, self._cured: new.cured})

    def _put_parked(self, folded: Folded) -> None:
        for each in folded.parked:
            self._park(each)
        for freed in folded.freed:
            del self.store.collections["parked"][self._parked_id(freed.place, freed.offset)]
            last = max(named.offset for named in (*folded.parked, *folded.freed) if named.place == freed.place)
            for each in self._all_parked():
                if each.place == freed.place and each.offset > last and set(each.streams).intersection(freed.streams):
                    self._park(replace(each, program=None))

    def _park(self, each: Parked) -> None:
        why = {"streams": list(each.streams), "cause": each.cause, "time": each.time, "program": each.program}
        where = {"views": self.projection.label, "place": str(each.place), "offset": each.offset}
        self.store.put("parked", {"_id": self._parked_id(each.place, each.offset), **where, **why})

    def _parked_id(self, place: Partition, offset: int) -> str:
        return f"{self.projection.label}/{place}/{offset}"

    def _position(self, doc: Mapping[str, Any]) -> Position:
        place, fed, cured = Partition.parse(doc["_id"]), doc.get(self._fed) or 0, doc.get(self._cured) or 0
        return Position(place, doc["next"], doc["last"], fed, doc.get(self._parked), cured)


def _stood(position: Position) -> tuple[int, int | None, int]:
    return position.fed, position.parked, position.cured


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
