"""Tries parked records again, in their order: what now digests leaves, and what does not stays, with the streams behind it.

A partition's leader does it between its batches, once for what another program has parked, and whenever an operator asks. It goes through
all that is parked in the partition, some records at a time, each time in one transaction with the compare-and-set on the position: whoever
else writes this partition, or tries again too, is discarded or discards this.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from eventlog.batches import BATCH_BYTES, Batch, digest, documents, finished, wanted
from eventlog.caching import Cache
from eventlog.committing import Committer
from eventlog.entries import WAITS, Parked, Position
from eventlog.judging import Judged
from eventlog.ledger import Folded, Ledger
from eventlog.log import Log, OutcomeUnknown
from eventlog.opening import Read
from eventlog.projection import Fold
from eventlog.record import Partition, Record
from eventlog.referee import heading_of
from eventlog.topics import TOPICS

RECORDS = 500  # that are tried at a time
SECONDS = 0.5  # that they are read for, at most, before other partitions have their turn
PATIENCE = 5.0  # seconds that the first may take


@dataclass(slots=True)
class Pass:
    """How far a partition's parked records are gone through: beyond which offset, what stayed first, and the streams that wait for it."""

    beyond: int = -1
    first: int | None = None
    stuck: set[str] = field(default_factory=set)

    def pass_by(self, stays: list[Parked]) -> None:
        """Leave some records where they are."""
        for each in stays:
            self.beyond = each.offset
            self.stuck.update(each.streams)
            if self.first is None:
                self.first = each.offset


@dataclass(frozen=True, slots=True)
class Chunk:
    """Parked records that follow each other; `following` is the offset of the one after them."""

    parked: list[Parked]
    following: int | None

    def halves(self) -> "tuple[Chunk, Chunk]":
        """Both halves."""
        half = len(self.parked) // 2
        return Chunk(self.parked[:half], self.parked[half].offset), Chunk(self.parked[half:], self.following)


class Curer:
    """Tries what is parked in the partitions that a projector leads."""

    def __init__(self, log: Log, ledger: Ledger, committer: Committer) -> None:
        self._log = log
        self._ledger = ledger
        self._committer = committer
        self._passes: dict[Partition, Pass] = {}

    def begin(self, places: Iterable[Partition]) -> None:
        """Go through what is parked in some partitions."""
        for place in places:
            self._passes.setdefault(place, Pass())

    def forget(self) -> None:
        """Go on with nothing: what was begun is begun anew."""
        self._passes.clear()

    async def step(self) -> Mapping[Partition, Position]:
        """Try the next records; the positions that were moved by it. Raises PositionLost, pymongo's errors, OutcomeUnknown, KafkaError."""
        if not self._passes:
            return {}
        place, going = next(iter(self._passes.items()))
        found = await self._ledger.parked(place=place, beyond=going.beyond, most=RECORDS + 1)
        if not found:
            del self._passes[place]
            return {}
        records = await self._read(place, [each.offset for each in found[:RECORDS] if each.program != self._ledger.program])
        count = self._read_until(found, records)
        await self._cure(place, going, Chunk(found[:count], found[count].offset if count < len(found) else None), records)
        return {place: self._committer.positions[place]}

    def _read_until(self, found: list[Parked], records: Mapping[int, Record]) -> int:
        """How many of the parked records can be gone through with what was read."""
        for number, each in enumerate(found[:RECORDS]):
            if each.program != self._ledger.program and each.offset not in records:
                return number
        return min(len(found), RECORDS)

    async def _cure(self, place: Partition, going: Pass, chunk: Chunk, records: Mapping[int, Record]) -> None:
        batch = Batch.of([self._heading(records[each.offset]) for each in chunk.parked if each.offset in records])
        before = self._committer.positions[place]
        if not batch.judged:
            going.pass_by(chunk.parked)
            return

        async def fold(cache: Cache, *, careful: bool = False, refused: str | None = None) -> Folded:
            return await _refold(batch, chunk, going, before, self._ledger, cache, careful=careful, refused=refused)

        folded = await self._committer.insist(batch, fold)
        if folded is None:  # MongoDB does not say of which record the document is that it refuses
            for half in chunk.halves():
                await self._cure(place, going, half, records)
            return
        going.pass_by([each for each in chunk.parked if each not in folded.freed])
        going.beyond = chunk.parked[-1].offset

    @staticmethod
    def _heading(record: Record) -> Read:
        return record, heading_of(record, TOPICS[record.topic].partitions)

    async def _read(self, place: Partition, offsets: list[int]) -> dict[int, Record]:
        """Some records of a partition; not all of them where that takes too long. Raises OutcomeUnknown where none comes."""
        found: dict[int, Record] = {}
        begun, size, missing = asyncio.get_running_loop().time(), 0, set(offsets)
        if not offsets:
            return found
        tail = await self._log.tail([place])
        try:
            for offset in offsets:
                if offset not in found:
                    tail.follow(place, offset)
                while offset not in found:
                    for record in await tail.fetch(wait=SECONDS):
                        if record.offset in missing:
                            found[record.offset] = record
                            size += record.size
                    if asyncio.get_running_loop().time() - begun > PATIENCE and not found:
                        raise OutcomeUnknown(f"{place} does not give its records")
                    if asyncio.get_running_loop().time() - begun > SECONDS and found:
                        return found
                if size > BATCH_BYTES:
                    return found
        finally:
            await tail.close()
        return found


async def _refold(
    batch: Batch,
    chunk: Chunk,
    going: Pass,
    before: Position,
    ledger: Ledger,
    cache: Cache,
    *,
    careful: bool,
    refused: str | None,
) -> Folded:
    """Fold parked records again in memory."""
    folding = Fold(ledger.projection)
    opened = {
        record.offset: (heading, event) for (record, heading), event in zip(batch.judged, batch.events, strict=True) if heading is not None
    }
    folding.docs = await documents(wanted(folding, opened.values()), ledger, cache)
    absent = frozenset(key for key, doc in folding.docs.items() if doc is None)
    stuck, first = set(going.stuck), going.first
    parked: list[Parked] = []
    freed: list[Parked] = []
    for each in chunk.parked:
        cause: str | None = None
        if each.offset in opened:
            heading, event = opened[each.offset]
            waits = bool(stuck.intersection(each.streams))
            cause = WAITS if waits else refused or await digest(folding, heading, event, careful=careful)
            if cause is None:
                freed.append(each)
                continue
            parked.append(replace(each, cause=cause, program=ledger.program))
        stuck.update(each.streams)
        first = first if first is not None else each.offset
    after = replace(before, parked=first if first is not None else chunk.following, cured=before.cured + 1)
    written = await finished(folding, folding.written)
    return Folded(Judged(), {}, written, absent, parked, {before.place: (before, after)}, freed)
