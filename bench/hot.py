"""How writers of one stream get on, on one replica and on two, against as many writers of a stream each in the same run.

    python -m bench.hot [--writers 64] [--seconds 5]

Writers of one stream queue in a replica; replicas race each other, and the log arbitrates: whoever is second appends a record that is void,
and tries again. A command that others were before five times is given up (409 command-exhausted), as is one that waits too long (503).
"""

import argparse
import asyncio
from collections import Counter
from uuid import uuid4

import uvloop

from bench.engines import Figures, engines, measured
from eventlog.deciding import Behind, Unknown
from eventlog.log import KafkaLog
from eventlog.topics import ensure
from events.refusals import Refused
from tests.kit.engine import Replica, replica
from tests.kit.toy import AddMarble, call, decide


async def write(which: Replica, jar: str, given_up: Counter[str]) -> None:
    """Put a marble into a jar, or note why not."""
    try:
        await which.handler.handle(f"jar:{jar}", AddMarble(jar), decide, call())
    except Refused as refused:
        given_up[refused.code] += 1
    except (Behind, Unknown) as error:
        given_up[str(error)] += 1


async def writing(name: str, replicas: list[Replica], jars: list[str], seconds: float) -> Figures:
    """Measure writers, one of each jar."""
    given_up: Counter[str] = Counter()
    voided = sum(each.handler.voided for each in replicas)

    figures = await measured(len(jars), seconds, lambda caller, _: write(replicas[caller % len(replicas)], jars[caller], given_up))

    voided = sum(each.handler.voided for each in replicas) - voided
    appended = figures.per_second * seconds - given_up.total() + voided
    print(f"{name:32} {figures}   void {voided / appended:4.0%}   given up {dict(given_up) or 'none'}", flush=True)
    return figures


async def run(kafka: str, mongo: str, writers: int, seconds: float) -> None:
    """Measure a stream for each writer, and one for all."""
    await ensure(kafka)
    log = KafkaLog(kafka)
    await log.start()
    try:
        async with replica(log, mongo, "hot") as one, replica(log, mongo, "hot") as other:
            own, hot = [uuid4().hex for _ in range(writers)], ["hot"] * writers
            await writing("(warming up)", [one, other], own, 2)
            for names, replicas in (("one replica", [one]), ("two replicas", [one, other])):
                bare = await writing(f"{names}, a stream each", replicas, own, seconds)
                figures = await writing(f"{names}, one stream", replicas, hot, seconds)
                print(f"{'':32} {figures.per_second / bare.per_second:7.0%} of it", flush=True)
    finally:
        await log.stop()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--writers", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    with engines() as (kafka, mongo), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(kafka, mongo, options.writers, options.seconds))


if __name__ == "__main__":
    main()
