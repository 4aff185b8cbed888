"""Whether the views are what the log says: the log folded afresh beside the running views, and both compared by hashes."""

import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import bson
from pymongo.asynchronous.client_session import AsyncClientSession

from eventlog.entries import Position
from eventlog.judging import Known, judge_batch
from eventlog.ledger import Ledger
from eventlog.log import Log, read
from eventlog.record import Partition, Record
from eventlog.referee import Heading, Verdict, heading_of
from eventlog.topics import TOPICS

LEDGER = ("ledger", "attempts", "voids", "parked")


@dataclass(frozen=True, slots=True)
class Hashed:
    """The documents of one collection: how many there are, and one hash over all of them."""

    documents: int
    hash: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All of a service's views and its ledger at one moment, with the positions that belong to it."""

    ends: Mapping[Partition, int]
    hashes: Mapping[str, Hashed]


async def snapshot(ledger: Ledger) -> Snapshot:
    """Hash every collection of a service as of one moment, while it goes on."""
    async with ledger.database.client.start_session(snapshot=True) as session:
        positions = await ledger.positions(session)
        names = [*(ledger.projection.collection(view) for view in ledger.projection.views), *LEDGER]
        hashes = {name: await _hashed(ledger, name, session) for name in names}
    return Snapshot({place: position.fed for place, position in positions.items()}, hashes)


async def _hashed(ledger: Ledger, collection: str, session: AsyncClientSession) -> Hashed:
    digest, count = hashlib.sha256(), 0
    async for doc in ledger.database[collection].find({}, session=session).sort("_id", 1):
        digest.update(bson.encode(_sorted(doc), codec_options=ledger.database.codec_options))
        count += 1
    return Hashed(count, digest.hexdigest())


def _sorted(value: Any) -> Any:
    """The same document with the names of its fields in order: their order says nothing."""
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(each) for each in value] if isinstance(value, list) else value


async def judged(log: Log, places: Iterable[Partition]) -> AsyncIterator[tuple[Record, Heading | None, Verdict]]:
    """Every record of some partitions with the verdict that the referee gives it, from the log alone."""
    known = Known()
    positions = {place: Position(place) for place in places}
    async for record in read(log, dict.fromkeys(positions, 0)):
        heading = heading_of(record, TOPICS[record.topic].partitions)
        result = judge_batch([(record, heading)], positions, known)
        yield record, heading, result.verdicts[0]
