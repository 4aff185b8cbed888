"""MongoDB and Kafka are killed while commands go on: what was answered is there, once, and nothing needs cleaning up."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from eventlog.log import KafkaLog
from eventlog.topics import ensure
from inkctl.keeper import Keeper
from inkctl.parts import jars, warmth
from inkctl.parts.kafka import QUICK_START, Kafka
from inkctl.parts.mongod import Mongod, find_mongod
from inkctl.plan import kafka_program, mongod_program
from inkctl.ports import free_port
from tests.kit.engine import Replica, contents, replica
from tests.kit.keeping import Keep, killed
from tests.kit.notices import Notices
from tests.kit.persisting import until_written, write

pytestmark = pytest.mark.integration

DATABASE = "toy"
JARS = "abcd"
SOON = 15.0  # seconds; it is less than one where nothing else runs


@pytest.fixture
async def kafka_part(tmp_path: Path, keep: Keep) -> tuple[str, Keeper]:
    """A Kafka that may be killed: its address and its keeper."""
    class_path = jars.install(lambda _done, _all: None)
    part = Kafka(tmp_path / "kafka", class_path, free_port(), free_port(), options=(*QUICK_START, *warmth.options()))
    return part.address, await keep(kafka_program(part))


@pytest.fixture
async def mongod_part(tmp_path: Path, keep: Keep) -> tuple[str, Keeper]:
    """A MongoDB that may be killed."""
    part = Mongod(tmp_path / "mongod", find_mongod(), free_port())
    return part.address, await keep(mongod_program(part))


@pytest.fixture
async def both(kafka_part: tuple[str, Keeper], mongod_part: tuple[str, Keeper]) -> AsyncIterator[tuple[Replica, Replica]]:
    """Two replicas on them."""
    await ensure(kafka_part[0])
    log = KafkaLog(kafka_part[0])
    await log.start()
    async with replica(log, mongod_part[0], DATABASE) as one, replica(log, mongod_part[0], DATABASE) as other:
        yield one, other
    await log.stop()


@pytest.mark.parametrize("engine", ["kafka", "mongod"])
async def test_what_was_answered_is_there_once(
    both: tuple[Replica, Replica],
    kafka_part: tuple[str, Keeper],
    mongod_part: tuple[str, Keeper],
    notices: Notices,
    engine: str,
) -> None:
    one, other = both
    stopping = asyncio.Event()
    answered: list[str] = []
    writers = [asyncio.create_task(write(which, jar, stopping, answered)) for jar in JARS for which in both]

    for _ in range(2):
        await killed((kafka_part if engine == "kafka" else mongod_part)[1], notices)
        took = max(await asyncio.gather(until_written(one, "e"), until_written(other, "f")))
        print(f"written again {took:.2f} s after {engine} was back")  # noqa: T201 - a figure
        assert took < SOON
    stopping.set()
    await asyncio.gather(*writers)

    await asyncio.gather(one.caught_up(60), other.caught_up(60))
    states = await one.states(*(f"jar:{jar}" for jar in JARS))
    assert Counter(answered) == {jar: states[f"jar:{jar}"]["marbles"] for jar in JARS}
    assert not one.failed.done()
    assert not other.failed.done()

    async with replica(one.log, mongod_part[0], "afresh") as afresh:
        await afresh.caught_up(60)
    live, fresh = await contents(mongod_part[0], DATABASE), await contents(mongod_part[0], "afresh")
    assert live == fresh
