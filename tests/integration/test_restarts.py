"""MongoDB and Kafka are killed while commands go on: what was answered is there, once, and nothing needs cleaning up."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from eventlog.deciding import Behind, Call, Unknown
from eventlog.log import KafkaLog
from eventlog.topics import ensure
from events.refusals import Conflict
from inkctl.keeper import Keeper
from inkctl.parts import jars, warmth
from inkctl.parts.kafka import QUICK_START, Kafka
from inkctl.parts.mongod import Mongod, find_mongod
from inkctl.plan import kafka_program, mongod_program
from inkctl.ports import free_port
from tests.kit.engine import Replica, contents, replica
from tests.kit.keeping import Keep, killed
from tests.kit.notices import Notices
from tests.kit.toy import AddMarble, call, decide

pytestmark = pytest.mark.integration

DATABASE = "toy"
JARS = "abcd"


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


async def write(which: Replica, jar: str, stopping: asyncio.Event) -> int:
    """Put marbles into a jar, one after the other, each by one name until it is answered; how many were answered."""
    answered = 0
    while not stopping.is_set():
        named = call(key=jar, name=str(uuid4()))
        while (done := await tried(which, jar, named)) is None:
            pass
        answered += done
    return answered


async def tried(which: Replica, jar: str, named: Call) -> bool | None:
    """Whether a command was applied; None where that is not known."""
    try:
        await which.handler.handle(f"jar:{jar}", AddMarble(jar), decide, named)
    except (Behind, Unknown):
        return None
    except Conflict:  # others were first five times
        return False
    return True


@pytest.mark.parametrize("engine", ["kafka", "mongod"])
async def test_what_was_answered_is_there_once(
    both: tuple[Replica, Replica],
    kafka_part: tuple[str, Keeper],
    mongod_part: tuple[str, Keeper],
    notices: Notices,
    engine: str,
) -> None:
    stopping = asyncio.Event()
    writers = [asyncio.create_task(write(which, jar, stopping)) for jar in JARS for which in both]

    for _ in range(2):
        await killed((kafka_part if engine == "kafka" else mongod_part)[1], notices)
    stopping.set()
    answered = await asyncio.gather(*writers)

    one, other = both
    await asyncio.gather(one.caught_up(60), other.caught_up(60))
    states = await one.states(*(f"jar:{jar}" for jar in JARS))
    assert [sum(answered[n * 2 : n * 2 + 2]) for n in range(len(JARS))] == [states[f"jar:{jar}"]["marbles"] for jar in JARS]
    assert not one.failed.done()
    assert not other.failed.done()

    async with replica(one.log, mongod_part[0], "afresh") as afresh:
        await afresh.caught_up(60)
    live, fresh = await contents(mongod_part[0], DATABASE), await contents(mongod_part[0], "afresh")
    assert live == fresh
