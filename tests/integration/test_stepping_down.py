"""MongoDB's primary steps down while leaders are inside their transactions: these are lost, and nothing that was answered."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from eventlog.log import KafkaLog
from tests.kit.engine import Frozen, Replica, contents, replica, until
from tests.kit.persisting import until_written, write

pytestmark = pytest.mark.integration

JARS = "abcd"


async def step_down(mongo: str) -> None:
    """Make the primary no primary any more; alone in its set, it is elected again a second later."""
    async with AsyncMongoClient[dict[str, Any]](mongo) as client:
        await client.admin.command({"replSetStepDown": 1, "secondaryCatchUpPeriodSecs": 0, "force": True})
        assert not (await client.admin.command("hello"))["isWritablePrimary"]


def frozen(which: Replica) -> Frozen:
    assert isinstance(which.ledger, Frozen)
    return which.ledger


async def test_what_was_answered_is_there_once(log: KafkaLog, mongo: str, database_prefix: str) -> None:
    database, stopping, answered = database_prefix + "toy", asyncio.Event(), list[str]()
    async with (
        replica(log, mongo, database, lease_ms=1000, ledger_type=Frozen) as one,
        replica(log, mongo, database, lease_ms=1000, ledger_type=Frozen) as other,
    ):
        both = one, other
        await until(lambda: all(each.projector.led for each in both))
        writers = [asyncio.create_task(write(which, jar, stopping, answered)) for jar in JARS for which in both]
        for each in both:
            frozen(each).thaw.clear()
        await asyncio.wait([asyncio.create_task(frozen(each).inside.wait()) for each in both], return_when=asyncio.FIRST_COMPLETED)

        await step_down(mongo)
        for each in both:
            frozen(each).thaw.set()
        await asyncio.gather(*(until_written(which, jar) for which, jar in zip(both, "ef", strict=True)))
        stopping.set()
        await asyncio.gather(*writers)

        await asyncio.gather(*(each.caught_up(60) for each in both))
        states = await one.states(*(f"jar:{jar}" for jar in JARS))
        assert Counter(answered) == {jar: states[f"jar:{jar}"]["marbles"] for jar in JARS}
        assert [True, False, False] == [
            sum(each.projector.counts.discarded for each in both) > 0,
            *(each.failed.done() for each in both),
        ]
    async with replica(log, mongo, database_prefix + "afresh") as afresh:
        await afresh.caught_up(60)
    assert await contents(mongo, database) == await contents(mongo, database_prefix + "afresh")
