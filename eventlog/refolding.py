"""Folds a log into views that nobody reads yet, with nothing beside it: how a rebuild is checked, and measured."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing

from eventlog.batches import chunks
from eventlog.committing import Committer
from eventlog.facts import Facts
from eventlog.ledger import Ledger
from eventlog.log import Log, Tail, places_of
from eventlog.opening import Read
from eventlog.reading import IDLE
from eventlog.record import Partition
from eventlog.stopping import stop
from eventlog.topics import TOPICS


async def refold(log: Log, ledger: Ledger, facts: Facts, ends: Mapping[Partition, int]) -> AsyncIterator[int]:
    """Feed views up to given offsets, telling how many records are fed. Nobody else writes their database.

    What comes next is read and opened while MongoDB writes. Raises pymongo's errors, OutcomeUnknown, LogTruncated.
    """
    places = places_of(ledger.projection.topics)
    await ledger.prepare(places)
    committer = Committer(ledger, facts, lambda _batch, _folded: None)
    committer.begin(await ledger.positions())
    positions = committer.positions
    starts = {place: positions[place].fed for place in places if positions[place].fed < ends.get(place, 0)}
    tail = await log.tail(places)
    committer.open()
    try:
        async with aclosing(_onwards(tail, starts, ends)) as onwards:

            async def following() -> list[Read]:
                reads: list[Read] = await anext(onwards, [])
                await committer.open_ahead(reads)
                return reads

            reads = await following()
            while reads:
                reading = asyncio.create_task(following())
                try:
                    await committer.commit(reads)
                except BaseException:
                    await stop(reading)
                    raise
                reads = await reading
                yield sum(positions[place].fed for place in places)
        if gaps := {place: ends[place] for place in starts if positions[place].fed < ends[place]}:
            await committer.move(gaps)  # past what is no record: the markers of somebody's transaction
            yield sum(positions[place].fed for place in places)
    finally:
        await tail.close()
        await committer.close()


async def _onwards(tail: Tail, starts: Mapping[Partition, int], ends: Mapping[Partition, int]) -> AsyncGenerator[list[Read], None]:
    """Read some partitions from their starts to their ends, batch by batch."""
    partitions = {place.topic: TOPICS[place.topic].partitions for place in starts}
    for place, start in starts.items():
        tail.follow(place, start)
    waiting = set(starts)
    while waiting:
        records = await tail.fetch(wait=IDLE)
        for place in list(waiting):
            if await tail.position(place) >= ends[place]:
                tail.leave(place)
                waiting.discard(place)
        for chunk in chunks([record for record in records if record.offset < ends[record.place]], partitions):
            yield chunk
