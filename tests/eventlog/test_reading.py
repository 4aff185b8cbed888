"""The reader of a replica, on a log and a ledger in memory."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from eventlog import reading
from eventlog.deciding import Behind
from eventlog.entries import Position
from eventlog.handling import Handler
from eventlog.memory import MemoryLog, MemoryTail
from eventlog.memoryledger import MemoryLedger
from eventlog.memorystore import MemoryStore
from eventlog.progress import Progress
from eventlog.projector import Contradiction, Projector
from eventlog.reading import Reader
from eventlog.record import Partition, Record
from eventlog.referee import Verdict
from tests.kit import toy
from tests.kit.engine import put, until
from tests.kit.toy import AddMarble, MarbleAdded, call, decide

HERE = call().place


class Slow(MemoryTail):
    """A tail that brings nothing while its gate is closed, and then what there was when it was asked."""

    async def fetch(self, *, wait: float) -> list[Record]:
        """See `Tail.fetch`."""
        await self.gate.wait()
        return await super().fetch(wait=wait)

    gate: asyncio.Event


class SlowLog(MemoryLog):
    """A log with such tails."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()

    async def tail(self, places: Iterable[Partition]) -> Slow:
        """See `Log.tail`."""
        tail = Slow(self, self._grown, places)
        tail.gate = self.gate
        return tail


@dataclass
class World:
    """A log, a ledger, and one reader of both."""

    log: SlowLog
    ledger: MemoryLedger
    progress: Progress
    reader: Reader

    async def lead(self, fed: int = 0) -> None:
        await self.reader.lead({HERE: Position(HERE, next=fed, fed=fed)})

    async def append(self, *versions: int) -> None:
        for version in versions:
            await put(self.log, MarbleAdded(jar="a"), {"jar:a": version})

    async def read(self, offset: int) -> None:
        await until(lambda: self.reader.tips[HERE].next >= offset)


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    log, ledger = SlowLog(), MemoryLedger(MemoryStore(), toy.PROJECTION)
    progress = Progress([HERE])
    await ledger.prepare([HERE])
    reader, started = Reader(log, ledger, progress), asyncio.Event()
    task = asyncio.create_task(reader.run(started))
    await started.wait()
    try:
        yield World(log, ledger, progress, reader)
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_only_what_is_led_is_kept_to_be_committed() -> None:
    async with world() as here:
        await here.append(0)
        await here.read(1)
        assert [] == await here.reader.take(wait=0)

        await here.lead()
        await here.append(1)
        await here.read(2)

        assert [0, 1] == [record.offset for record, _ in await here.reader.take(wait=1)]


async def test_what_was_read_before_is_read_again_by_who_begins_to_lead_and_never_passed_over() -> None:
    async with world() as here:
        await here.append(0, 1, 2)
        await here.read(3)
        await until(lambda: here.reader.passed([HERE]) == {HERE: 3})  # an idle moment: it stands at the end

        here.log.gate.clear()
        await here.lead()

        assert {} == here.reader.passed([HERE])
        here.log.gate.set()
        assert [0, 1, 2] == [record.offset for record, _ in await here.reader.take(wait=1)]


async def test_what_is_dropped_is_kept_no_more() -> None:
    async with world() as here:
        await here.lead()
        await here.append(0, 1)
        await here.read(2)

        here.reader.drop([HERE])
        await here.append(2)
        await here.read(3)

        assert [] == await here.reader.take(wait=0)


async def test_no_more_is_read_while_too_much_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_RECORDS", 3)
    async with world() as here:
        await here.lead()
        await here.append(0, 1, 2)
        await here.read(3)
        assert not await here.reader.room(0)
        await here.append(3)

        waiting = asyncio.create_task(here.reader.room(5))
        assert 3 == here.reader.tips[HERE].next
        taken = await here.reader.take(wait=0)

        assert [0, 1, 2] == [record.offset for record, _ in taken]
        assert await waiting
        await here.read(4)


async def test_who_waits_for_an_attempt_is_told_before_it_is_committed() -> None:
    async with world() as here:
        attempt = uuid4()
        here.reader.tips[HERE].learn("jar:a", 0, 0)
        with here.reader.expecting(HERE, str(attempt), 0) as told:
            await put(here.log, MarbleAdded(jar="a"), {"jar:a": 0}, attempt=attempt)

            assert (0, Verdict.ACCEPTED) == await asyncio.wait_for(told, 5)
        assert {HERE: 1} == here.progress.answered()


async def test_of_an_attempt_that_may_have_come_before_nothing_is_told_without_the_ledger() -> None:
    async with world() as here:
        here.reader.tips[HERE].learn("jar:a", 0, 0)
        attempt = uuid4()

        with here.reader.expecting(HERE, str(attempt), None) as told:
            await put(here.log, MarbleAdded(jar="b"), {"jar:b": 0}, attempt=attempt)
            await here.read(1)

            assert not told.done()


@asynccontextmanager
async def replica() -> AsyncIterator[tuple[Handler, Projector, "asyncio.Future[None]"]]:
    facts: Any = toy.PlainFacts()
    log, ledger = MemoryLog(), MemoryLedger(MemoryStore(), toy.PROJECTION)
    projector = Projector(log, ledger, facts, replica="one")
    async with projector.running() as failed:
        yield Handler(log, ledger, projector, facts, [toy.JARS, toy.NAMES], source="/toy"), projector, failed


async def test_a_verdict_that_was_told_wrong_ends_the_process() -> None:
    async with replica() as (handler, projector, failed):
        await handler.handle("jar:a", AddMarble("a"), decide, call())
        tip = projector.reader.tips[HERE]
        with tip.keeping(0):
            await until(lambda: projector.progress[HERE] == 1)
            tip.tell(1, Verdict.CONFLICTING)  # as if it had misjudged

            await put(projector._log, MarbleAdded(jar="a"), {"jar:a": 1})

            with pytest.raises(Contradiction):
                await asyncio.wait_for(failed, 5)


async def test_a_command_waits_for_room_and_then_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventlog.appending.ROOM", 0.01)
    monkeypatch.setattr(Reader, "crowded", property(lambda _: True))
    async with replica() as (handler, projector, _):
        with pytest.raises(Behind):
            await handler.handle("jar:a", AddMarble("a"), decide, call())

        assert {HERE: 0} == await projector._log.ends([HERE])
