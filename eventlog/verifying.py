"""Whether the views are what the log says: the log folded afresh beside the running views, and both compared by hashes."""

import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import bson
from pymongo.asynchronous.cursor import AsyncCursor

from eventlog.documents import OPTIONS
from eventlog.entries import Position
from eventlog.judging import Judged, Known, judge_batch
from eventlog.log import Log, read
from eventlog.mongoledger import MongoLedger
from eventlog.record import Partition, Record
from eventlog.referee import Heading, Verdict, heading_of
from eventlog.topics import TOPICS

LEDGER = ("ledger", "attempts", "voids")


@dataclass(frozen=True, slots=True)
class Hashed:
    """The documents of one collection: how many there are, and one hash over all of them."""

    documents: int
    hash: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All of a service's views and its ledger at one moment, with the positions that belong to it.

    The views are fed up to `ends`, and the ledger has judged up to `judged`: it is further where other views are what is judged with.
    """

    ends: Mapping[Partition, int]
    judged: Mapping[Partition, int]
    hashes: Mapping[str, Hashed]


async def snapshot(ledger: MongoLedger) -> Snapshot:
    """Hash every collection of a service as of one moment, while it goes on."""
    async with ledger.database.client.start_session(snapshot=True) as session:
        positions = await ledger.positions(session)
        names = [*(ledger.projection.collection(view) for view in ledger.projection.views), *LEDGER]
        hashes = {name: await _hashed(ledger.database[name].find({}, session=session)) for name in names}
        # Which program has tried it says nothing of the log.
        parked = ledger.database.parked.find({"views": ledger.projection.label}, {"program": 0}, session=session)
        hashes["parked"] = await _hashed(parked)
    return Snapshot(
        {place: position.fed for place, position in positions.items()},
        {place: position.next for place, position in positions.items()},
        hashes,
    )


async def _hashed(docs: AsyncCursor[dict[str, Any]]) -> Hashed:
    hashing = Hashing()
    async for doc in docs.sort("_id", 1):
        hashing.take(doc)
    return hashing.result()


class Hashing:
    """One hash over documents, which come in the order of their ids."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._count = 0

    def take(self, doc: Mapping[str, Any]) -> None:
        """Add a document as MongoDB gives it back: moments in milliseconds, enums as text. The order of its fields says nothing."""
        self._digest.update(bson.encode(_sorted(doc), codec_options=OPTIONS))
        self._count += 1

    def result(self) -> Hashed:
        """How many there were, and their hash."""
        return Hashed(self._count, self._digest.hexdigest())


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(each) for each in value] if isinstance(value, list) else value


async def judgements(log: Log, places: Iterable[Partition]) -> AsyncIterator[tuple[Record, Heading | None, Judged]]:
    """Every record of some partitions with what the referee makes of it, from the log alone: its verdict, and entries for a ledger."""
    known = Known()
    positions = {place: Position(place) for place in places}
    async for record in read(log, dict.fromkeys(positions, 0)):
        heading = heading_of(record, TOPICS[record.topic].partitions)
        yield record, heading, judge_batch([(record, heading)], positions, known)


async def judged(log: Log, places: Iterable[Partition]) -> AsyncIterator[tuple[Record, Heading | None, Verdict]]:
    """Every record of some partitions with the verdict that the referee gives it."""
    async for record, heading, result in judgements(log, places):
        yield record, heading, result.verdicts[0]
