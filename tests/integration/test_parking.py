"""What a view can not digest parks its own streams, in order, and stops nothing else."""

import asyncio
from typing import Any

import pytest

from eventlog.deciding import Behind
from eventlog.log import KafkaLog, Log
from eventlog.progress import Token
from tests.kit.engine import Replica, contents, put, replica
from tests.kit.toy import AddMarble, MarbleAdded, call, decide

pytestmark = pytest.mark.integration

GOOD = MarbleAdded(jar="bad")
UNDIGESTED: dict[str, tuple[MarbleAdded, str]] = {
    "a view raises": (MarbleAdded(jar="bad", poison=True), "the marble is poisoned"),
    "no view can say which document it means": (MarbleAdded(jar=["bad"]), "unhashable"),  # type: ignore[arg-type]  # on purpose
    "the document grows too large": (MarbleAdded(jar="bad", bulk=16 << 20), "bytes"),
    "a number is larger than BSON holds": (MarbleAdded(jar="bad", marbles=1 << 70), "8-byte"),
    "a costly field can not be derived": (MarbleAdded(jar="bad", marbles=-5), "no label"),
    "MongoDB stores it not": (MarbleAdded(jar="bad", depth=190), "MongoDB refuses"),
    "MongoDB reads it not": (MarbleAdded(jar="bad", depth=250), "MongoDB refuses"),
    "BSON can not be so deep": (MarbleAdded(jar="bad", depth=3000), "RecursionError"),
}


async def write(log: Log, event: MarbleAdded) -> int:
    """A stream with an event that is not digested between two that are, and one more of another stream; where the bad one stands."""
    await put(log, GOOD, {"jar:bad": 0})
    _, offset = await put(log, event, {"jar:bad": 1})
    await put(log, MarbleAdded(jar="good"), {"jar:good": 0})
    await put(log, GOOD, {"jar:bad": 2})
    await put(log, MarbleAdded(jar="good"), {"jar:good": 1})
    return offset


async def marbles(one: Replica) -> dict[str, tuple[Any, Any]]:
    return {doc["_id"]: (doc["marbles"], doc["version"]) async for doc in one.ledger.database.jars_v1.find({})}


@pytest.mark.parametrize("kind", UNDIGESTED)
@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "one by one"])
async def test_only_its_stream_waits(log: KafkaLog, mongo: str, database_prefix: str, kind: str, *, at_once: bool) -> None:
    event, cause = UNDIGESTED[kind]
    place = call().place
    if at_once:
        bad = await write(log, event)
    async with replica(log, mongo, database_prefix + "toy") as one:
        if not at_once:
            bad = await write(log, event)
        await one.caught_up()

        first, second = await one.ledger.parked()
        assert (place, bad, ("jar:bad",)) == (first.place, first.offset, first.streams)
        assert cause in first.cause
        assert (bad + 2, "it waits for an earlier record of its stream") == (second.offset, second.cause)
        assert {"jar:bad": (1, 1), "jar:good": (2, 2)} == await marbles(one)

        position = (await one.ledger.positions())[place]
        assert (5, 5, bad) == (position.next, position.fed, position.parked)
        versions = {doc["_id"]: doc["v"] async for doc in one.ledger.database.ledger.find({})}
        assert {f"{place}/jar:bad": 3, f"{place}/jar:good": 2} == versions
        assert one.projector.counts.discarded == 0
        assert not one.failed.done()


async def test_an_event_that_no_program_knows_parks_its_stream(one: Replica) -> None:
    place, offset = await put(one.log, GOOD, {"jar:bad": 0}, type_="toy.of-next-year.v1")
    await one.caught_up()

    (parked,) = await one.ledger.parked()
    assert (place, offset) == (parked.place, parked.offset)
    assert "UnknownSchema" in parked.cause


async def test_who_waits_for_one_of_its_streams_makes_all_of_them_wait(one: Replica) -> None:
    await put(one.log, MarbleAdded(jar="a", poison=True), {"jar:a": 0, "name:blue": 0})
    await put(one.log, MarbleAdded(jar="b", name="blue"), {"jar:b": 0, "name:blue": 1})
    await put(one.log, MarbleAdded(jar="b"), {"jar:b": 1})
    await put(one.log, MarbleAdded(jar="c"), {"jar:c": 0})
    await one.caught_up()

    assert [0, 1, 2] == [parked.offset for parked in await one.ledger.parked()]
    assert {"jar:c": (1, 1)} == await marbles(one)


async def test_commands_on_a_parked_stream_wait_and_all_others_go_on(one: Replica, other: Replica) -> None:
    await write(one.log, MarbleAdded(jar="bad", poison=True))
    await asyncio.gather(one.caught_up(), other.caught_up())

    for each in (one, other):
        with pytest.raises(Behind) as behind:
            await each.handler.handle("jar:bad", AddMarble("bad"), decide, call())
        assert behind.value.parked
        with pytest.raises(Behind):
            await each.handler.handle("jar:good", AddMarble("good", relies_on="bad"), decide, call())

        outcome = await each.handler.handle("jar:good", AddMarble("good"), decide, call())
        again = await each.handler.handle("jar:good", AddMarble("good"), decide, call(seen=outcome.token, name=f"{each}"))
        assert outcome.version + 1 == again.version
    await one.handler.handle("jar:elsewhere", AddMarble("elsewhere"), decide, call(key="another"))


async def test_a_read_beyond_what_is_parked_is_behind_at_once(one: Replica, other: Replica) -> None:
    bad = await write(one.log, MarbleAdded(jar="bad", poison=True))
    await asyncio.gather(one.caught_up(), other.caught_up())

    for each in (one, other):
        progress = each.projector.progress
        assert progress.blocked(Token({call().place: bad + 1}))
        assert await progress.passed(Token({call().place: bad}), 0)
        async with asyncio.timeout(5):
            assert not await progress.passed(Token({call().place: bad + 2}), 60)


async def test_what_is_parked_comes_back_parked(log: KafkaLog, mongo: str, database_prefix: str) -> None:
    for name in ("one", "two"):
        async with replica(log, mongo, database_prefix + name) as each:
            if name == "one":
                await write(log, MarbleAdded(jar="bad", poison=True))
            await each.caught_up()

    assert await contents(mongo, database_prefix + "one") == await contents(mongo, database_prefix + "two")


async def test_what_its_own_views_can_not_digest_is_not_appended(one: Replica) -> None:
    def poisoned(*_: object) -> Any:
        decision = decide(*_)  # type: ignore[arg-type]  # the same three
        assert decision is not None
        return type(decision)(MarbleAdded(jar="a", poison=True))

    with pytest.raises(ValueError, match="poisoned"):
        await one.handler.handle("jar:a", AddMarble("a"), poisoned, call())

    assert {call().place: 0} == await one.log.ends([call().place])
