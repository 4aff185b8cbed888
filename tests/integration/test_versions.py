"""Two versions of the views at once: one program judges, each feeds its own, and both take commands; nobody who reads notices a change."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from eventlog.log import KafkaLog
from eventlog.progress import Token
from eventlog.projection import Doc
from tests.kit import toy
from tests.kit.engine import Replica, contents, replica, until
from tests.kit.toy import AddMarble, MarbleAdded, call, decide

pytestmark = pytest.mark.integration

JARS = "abcdef"


def total(doc: Doc | None, event: MarbleAdded) -> Doc:
    """What version 2 keeps beside what version 1 keeps."""
    return {**toy.total(doc, event), "jar": event.jar}


NEWER = replace(toy.PROJECTION, version=2, views=(*toy.PROJECTION.views[:-1], replace(toy.TOTALS, evolve=total)))


class Writers:
    """Writers that write for as long as a block lasts, each through the replica of the moment."""

    def __init__(self, *replicas: Replica) -> None:
        self.replicas = list(replicas)
        self.written = dict.fromkeys(JARS, 0)
        self.token = Token()
        self._stop = False

    async def write(self, number: int) -> None:
        """Put one marble after the other into a jar, and read it back each time through whichever replica there is."""
        jar, count = JARS[number], 0
        while not self._stop:
            count += 1
            by, through = (self.replicas[(number + count + n) % len(self.replicas)] for n in (0, 1))
            outcome = await by.handler.handle(f"jar:{jar}", AddMarble(jar), decide, call(key=jar))
            assert count == outcome.version
            self.token = self.token.merge(outcome.token)
            await self._read(through, jar, count, outcome.token)
            self.written[jar] = count

    async def _read(self, through: Replica, jar: str, count: int, token: Token) -> None:
        assert await through.projector.progress.passed(token, 30)
        read = through.ledger.read
        found = (await read("totals", [jar]))[jar]
        decides = (await read("jars", [f"jar:{jar}"]))[f"jar:{jar}"]
        assert {"_id": jar, "times": count, "marbles": count, "label": f"{count} marbles"} | (
            {"jar": jar} if through.ledger.projection is NEWER else {}
        ) == found
        assert (count, count) == (decides["marbles"], decides["version"])

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Write until the block ends."""
        async with asyncio.TaskGroup() as group:
            for number in range(len(JARS)):
                group.create_task(self.write(number))
            try:
                yield
            finally:
                self._stop = True

    async def move(self, replicas: list[Replica]) -> None:
        """Use other replicas from now on; returns once none of those before is used."""
        self.replicas[:] = replicas
        begun = dict(self.written)
        await until(lambda: all(self.written[jar] > begun[jar] + 1 for jar in JARS), 60)

    async def more(self, records: int) -> None:
        """Wait until so many more are written."""
        begun = sum(self.written.values())
        await until(lambda: sum(self.written.values()) >= begun + records, 60)


async def test_a_new_version_takes_over_under_load_and_the_old_one_takes_over_again(
    log: KafkaLog, mongo: str, database_prefix: str
) -> None:
    database = database_prefix + "toy"
    async with contextlib.AsyncExitStack() as stack:
        first = contextlib.AsyncExitStack()
        old = [await first.enter_async_context(replica(log, mongo, database)) for _ in range(2)]
        writers = Writers(*old)
        async with writers.writing():
            await writers.more(100)

            new = await stack.enter_async_context(replica(log, mongo, database, projection=NEWER))
            assert await new.projector.progress.reached(writers.token, 30)
            writers.replicas.append(new)
            await writers.more(100)
            assert frozenset() == new.projector.leases.judging
            assert 0 == sum(each.projector.counts.discarded for each in (*old, new))

            await writers.move([new])
            await first.aclose()
            await until(lambda: new.projector.leases.judging == frozenset(new.projector.places))
            await writers.more(100)

            back = await stack.enter_async_context(replica(log, mongo, database))
            assert await back.projector.progress.reached(writers.token, 30)
            await writers.move([back, new])
            await writers.more(100)

    afresh = database_prefix + "afresh"
    for projection in (toy.PROJECTION, NEWER):
        async with replica(log, mongo, afresh, projection=projection) as fresh:
            await fresh.caught_up()
        async with replica(log, mongo, database, projection=projection) as running:
            await running.caught_up()
    assert _fed(await contents(mongo, afresh)) == _fed(await contents(mongo, database))


async def test_what_nobody_judges_any_more_is_judged_by_who_feeds_another_version_as_soon_as_records_wait(
    log: KafkaLog, mongo: str, database_prefix: str
) -> None:
    database, far_off = database_prefix + "toy", 60_000
    async with contextlib.AsyncExitStack() as stack:
        old = await stack.enter_async_context(replica(log, mongo, database, lease_ms=far_off))
        await old.caught_up()
        async with replica(log, mongo, database, projection=NEWER, lease_ms=far_off) as new:
            await new.handler.handle("jar:a", AddMarble("a"), decide, call(key="a"))
            await until(lambda: new.projector._able == frozenset(new.projector.places))
            assert frozenset() == new.projector.leases.judging
            await stack.aclose()

            outcome = await new.handler.handle("jar:a", AddMarble("a"), decide, call(key="a"))

            assert await new.projector.progress.passed(outcome.token, 5)


def _fed(found: dict[str, list[bytes]]) -> dict[str, list[bytes]]:
    return {name: docs for name, docs in found.items() if name != "positions"}
