"""How many events a second a rebuild folds, against bare consuming and decoding in the same run.

    python -m bench.replay [--records 40000]

The log holds comments, sealed and compressed as they are in earnest. A rebuild judges each and writes the ledger and one view. What memory
it takes is told after each quarter of it.
"""

import argparse
import asyncio
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import uvloop
from pymongo import AsyncMongoClient

from bench.engines import engines
from eventlog.facts import Facts
from eventlog.log import KafkaLog, places_of, read
from eventlog.mongoledger import MongoLedger
from eventlog.partitioner import partition_of
from eventlog.projection import Doc, Projection, View
from eventlog.record import Claim, Partition
from eventlog.refolding import refold
from eventlog.topics import TOPICS, ensure
from events.base import Personal
from events.comments import CommentPosted, CommentText

TOPIC = "comments"
POSTS = 200
SOMEBODY = UUID(int=1)
BODY = "Well said, and worth more than the few words that stand here; it is as long as most comments are."


class OneKey:
    """A key ring with one key on it."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def key_of(self, kid: UUID) -> bytes:
        """See `eventlog.facts.Keys`."""
        del kid
        return self._key

    async def catch_up(self) -> None:
        """See `eventlog.facts.Keys`."""


def evolve(_: Doc | None, event: CommentPosted) -> Doc:
    """What a comment becomes."""
    return {"post": event.post_id, "author": event.author_id, "body": event.text.value.body, "at": event.at}


PROJECTION = Projection(name="bench", version=1, topics=(TOPIC,), views=(View(name="comments", decides="comment", evolve=evolve),))


async def fill(log: KafkaLog, facts: Facts, records: int) -> None:
    """Write the log."""
    for begin in range(0, records, 2000):
        await asyncio.gather(*(append(log, facts, number) for number in range(begin, min(begin + 2000, records))))


async def append(log: KafkaLog, facts: Facts, number: int) -> None:
    """Write one comment."""
    post, comment, attempt, at = uuid5(SOMEBODY, str(number % POSTS)), uuid4(), uuid4(), datetime.now(UTC)
    event = CommentPosted(
        comment_id=comment,
        post_id=post,
        post_author_id=SOMEBODY,
        post_version=1,
        author_id=SOMEBODY,
        parent_id=None,
        text=Personal(SOMEBODY, CommentText(body=f"{BODY} {number}")),
        at=at,
    )
    claim = Claim(
        attempt=attempt,
        type=event.TYPE,
        source="/comments",
        subject=f"comment:{comment}",
        time=at,
        command=attempt,
        expects={f"comment:{comment}": 0},
        reads={f"thread:{post}": 0},
        actor=str(SOMEBODY),
        request="0" * 64,
    )
    key = str(post).encode()
    await log.append(Partition(TOPIC, partition_of(key, TOPICS[TOPIC].partitions)), key, facts.encode(event, attempt), claim.headers())


async def consume(log: KafkaLog, facts: Facts) -> float:
    """Read and decode everything; records per second."""
    count, begun = 0, time.perf_counter()
    async for record in read(log, dict.fromkeys(places_of([TOPIC]), 0)):
        facts.decode(record)
        count += 1
    return count / (time.perf_counter() - begun)


def memory() -> float:
    """What this process has in memory now, in MiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


async def rebuild(kafka: str, mongo: str, key: bytes) -> tuple[float, list[float]]:
    """Fold everything into a database that is empty; records per second, and the memory after each quarter."""
    log = KafkaLog(kafka)
    await log.start()
    held: list[float] = []
    try:
        async with AsyncMongoClient[Doc](mongo) as client:
            ledger = MongoLedger(client.bench, PROJECTION)
            ends = await log.ends(places_of(PROJECTION.topics))
            begun, done = time.perf_counter(), 0
            async for done in refold(log, ledger, Facts(OneKey(key)), ends):
                if done >= sum(ends.values()) * (len(held) + 1) / 4:
                    held.append(memory())
            return done / (time.perf_counter() - begun), held
    finally:
        await log.stop()


def rebuilt(kafka: str, mongo: str, key: bytes) -> tuple[float, list[float]]:
    """See `rebuild`."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(rebuild(kafka, mongo, key))


async def run(kafka: str, mongo: str, records: int) -> None:
    """Measure both, the rebuild in a process of its own."""
    await ensure(kafka)
    key = os.urandom(32)
    log, facts = KafkaLog(kafka), Facts(OneKey(key))
    await log.start()
    try:
        await fill(log, facts, records)
        bare = await consume(log, facts)
        print(f"{records:,} events   consume and decode {bare:8,.0f}/s", flush=True)
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            folded, held = await asyncio.get_running_loop().run_in_executor(pool, rebuilt, kafka, mongo, key)
        print(f"{'':14}   rebuild            {folded:8,.0f}/s   {folded / bare:4.0%} of it")
        print(f"{'':14}   memory after each quarter of it: {', '.join(f'{mebibytes:.0f}' for mebibytes in held)} MiB")
    finally:
        await log.stop()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=40_000)
    options = parser.parse_args()
    with engines() as (kafka, mongo), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(kafka, mongo, options.records))


if __name__ == "__main__":
    main()
