"""How many commands a second, against bare appends in the same run.

    python -m bench.write [--callers 1 16 64 256] [--seconds 5]

A bare append is aiokafka's `send_and_wait` of the same record; a round trip is one, and then the fetch that brings the record back.
`handle()` loads, decides, appends and waits for its verdict; the views are written behind it.
"""

import argparse
import asyncio
from uuid import uuid4

import uvloop

from bench.engines import engines, measured
from eventlog.log import KafkaLog, places_of
from eventlog.partitioner import partition_of
from eventlog.record import Claim, Partition
from eventlog.topics import TOPICS, ensure
from tests.kit import toy
from tests.kit.engine import Replica, replica
from tests.kit.toy import AddMarble, MarbleAdded, call, decide

JARS = 50  # streams of each caller
TOPIC = "comments"  # of the bare appends


class Arrivals:
    """Waits for records to come back."""

    def __init__(self) -> None:
        self._next: dict[Partition, int] = {}
        self._waiting: dict[tuple[Partition, int], asyncio.Future[None]] = {}

    async def run(self, log: KafkaLog) -> None:
        """Read all that is appended from now on."""
        places = places_of([TOPIC])
        tail = await log.tail(places)
        for place, end in (await log.ends(places)).items():
            tail.follow(place, end)
        try:
            while True:
                for record in await tail.fetch(wait=1.0):
                    self._next[record.place] = record.offset + 1
                    waiter = self._waiting.pop((record.place, record.offset), None)
                    if waiter is not None:
                        waiter.set_result(None)
        finally:
            await tail.close()

    async def of(self, place: Partition, offset: int) -> None:
        """Wait until one record has come."""
        if self._next.get(place, 0) <= offset:
            waiter = self._waiting[place, offset] = asyncio.get_running_loop().create_future()
            await waiter


async def round_trip(log: KafkaLog, arrivals: Arrivals, caller: int, count: int) -> None:
    """Append, and wait until the record has come back."""
    await arrivals.of(*await bare(log, caller, count))


async def bare(log: KafkaLog, caller: int, count: int) -> tuple[Partition, int]:
    """Append what a command appends, and no more; where it stands."""
    jar = f"{caller}-{count % JARS}"
    attempt = uuid4()
    claim = Claim(
        attempt=attempt,
        type=MarbleAdded.TYPE,
        source="/toy",
        subject=f"jar:{jar}",
        time=toy.NOW,
        command=uuid4(),
        expects={f"jar:{jar}": count},
        reads={},
        actor="somebody",
        request="",
    )
    place = Partition(TOPIC, partition_of(jar.encode(), TOPICS[TOPIC].partitions))
    return place, await log.append(place, jar.encode(), toy.PlainFacts().encode(MarbleAdded(jar=jar), attempt), claim.headers())


async def command(one: Replica, caller: int, count: int) -> None:
    """Handle a command."""
    jar = f"{caller}-{count % JARS}"
    await one.handler.handle(f"jar:{jar}", AddMarble(jar), decide, call(key=jar))


async def run(kafka: str, mongo: str, callers: list[int], seconds: float) -> None:
    """Measure both, caller by caller."""
    await ensure(kafka)
    log = KafkaLog(kafka)
    await log.start()
    arrivals = Arrivals()
    reading = asyncio.create_task(arrivals.run(log))
    try:
        async with replica(log, mongo, "bench") as one:
            await measured(8, 2, lambda caller, count: command(one, caller, count))  # warm
            await measured(8, 1, lambda caller, count: round_trip(log, arrivals, caller, count))
            for number in callers:
                appends = await measured(number, seconds, lambda caller, count: bare(log, caller, count))
                trips = await measured(number, seconds, lambda caller, count: round_trip(log, arrivals, caller, count))
                batches = one.projector.counts.batches
                commands = await measured(number, seconds, lambda caller, count: command(one, caller, count))
                batches = one.projector.counts.batches - batches
                print(f"{number:3} callers   append      {appends}")
                print(f"              round trip  {trips}")
                print(f"              handle()    {commands}   {commands.p50 / trips.p50:.1f} round trips, ", end="")
                share, size = commands.per_second / appends.per_second, commands.per_second * seconds / batches
                print(f"{share:4.0%} of the appends, batches of {size:.1f}")
    finally:
        reading.cancel()
        await asyncio.wait([reading])
        await log.stop()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 16, 64, 256])
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    with engines() as (kafka, mongo), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(kafka, mongo, options.callers, options.seconds))


if __name__ == "__main__":
    main()
