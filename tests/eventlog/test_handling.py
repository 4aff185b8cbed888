"""Handling on an engine in memory, where a test decides what is late."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from eventlog.deciding import Behind
from eventlog.memory import MemoryLog
from eventlog.memorystore import MemoryStore
from tests.kit import toy
from tests.kit.engine import put, until
from tests.kit.inmemory import Replica, replica
from tests.kit.toy import AddMarble, MarbleAdded, call, decide

HERE = call().place


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
async def leader(log: MemoryLog) -> AsyncIterator[Replica]:
    async with replica(log, MemoryStore()) as running:
        await until(lambda: bool(running.projector.led))
        yield running


@pytest.fixture
async def late(log: MemoryLog, leader: Replica) -> AsyncIterator[Replica]:
    """A replica whose views come further while it reads nothing of the log; it has seen one marble in the jar."""
    async with replica(log, leader.ledger.store) as running:
        await running.handler.handle("jar:a", AddMarble("a"), decide, call())
        await running.caught_up()
        running.log.reading.clear()
        yield running
        running.log.reading.set()


async def test_a_repeat_answers_what_the_command_made_though_only_the_views_know_of_it(leader: Replica, late: Replica) -> None:
    named = call(name="mine")
    made = await leader.handler.handle("jar:a", AddMarble("a"), decide, named)
    await late.caught_up()

    again = await late.handler.handle("jar:a", AddMarble("a"), decide, named)

    assert (toy.Jar(2), 2, True) == (again.state, again.version, again.repeated)
    assert again.token[HERE] >= made.token[HERE]


async def test_a_refusal_knows_what_only_the_views_know(leader: Replica, late: Replica) -> None:
    await leader.handler.handle("jar:a", AddMarble("a"), decide, call())
    await late.caught_up()

    asking = asyncio.create_task(late.handler.handle("jar:a", AddMarble("a", onto=2), decide, call()))
    await asyncio.sleep(0)
    late.log.reading.set()
    outcome = await asking

    assert (toy.Jar(3), 3) == (outcome.state, outcome.version)


async def test_a_command_waits_that_meets_what_is_parked_while_it_loads(log: MemoryLog, leader: Replica) -> None:
    leader.ledger.writing.clear()
    await put(log, MarbleAdded(jar="a", poison=True), {"jar:a": 0})
    await until(lambda: leader.projector.reader.tips[HERE].next > 0)

    asking = asyncio.create_task(leader.handler.handle("jar:a", AddMarble("a"), decide, call()))
    await asyncio.sleep(0)
    leader.ledger.writing.set()
    with pytest.raises(Behind) as behind:
        await asking

    assert behind.value.parked
    assert {HERE: 1} == await log.ends([HERE])
