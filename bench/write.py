"""How many commands a second, against bare appends in the same run.

    python -m bench.write [--callers 1 16 64] [--seconds 5]

A bare append is aiokafka's `send_and_wait` of the same record. `handle()` loads, decides, appends, waits for its verdict and for its views.
"""

import argparse
import asyncio
from uuid import uuid4

import uvloop

from bench.engines import engines, measured
from eventlog.log import KafkaLog
from eventlog.partitioner import partition_of
from eventlog.record import Claim, Partition
from eventlog.topics import TOPICS, ensure
from tests.kit import toy
from tests.kit.engine import Replica, replica
from tests.kit.toy import AddMarble, MarbleAdded, call, decide

JARS = 50  # streams of each caller


async def bare(log: KafkaLog, caller: int, count: int) -> None:
    """Append what a command appends, and no more."""
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
    place = Partition("comments", partition_of(jar.encode(), TOPICS["comments"].partitions))
    await log.append(place, jar.encode(), toy.PlainFacts().encode(MarbleAdded(jar=jar), attempt), claim.headers())


async def command(one: Replica, caller: int, count: int) -> None:
    """Handle a command."""
    jar = f"{caller}-{count % JARS}"
    await one.handler.handle(f"jar:{jar}", AddMarble(jar), decide, call(key=jar))


async def run(kafka: str, mongo: str, callers: list[int], seconds: float) -> None:
    """Measure both, caller by caller."""
    await ensure(kafka)
    log = KafkaLog(kafka)
    await log.start()
    try:
        async with replica(log, mongo, "bench") as one:
            await measured(8, 2, lambda caller, count: command(one, caller, count))  # warm
            for number in callers:
                appends = await measured(number, seconds, lambda caller, count: bare(log, caller, count))
                batches = one.projector.counts.batches
                commands = await measured(number, seconds, lambda caller, count: command(one, caller, count))
                batches = one.projector.counts.batches - batches
                print(f"{number:3} callers   append    {appends}")
                print(
                    f"              handle()  {commands}   {commands.per_second / appends.per_second:4.0%} of it, "
                    f"batches of {commands.per_second * seconds / batches:.1f}"
                )
    finally:
        await log.stop()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    with engines() as (kafka, mongo), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(kafka, mongo, options.callers, options.seconds))


if __name__ == "__main__":
    main()
