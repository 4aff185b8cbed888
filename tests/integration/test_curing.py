"""What was parked is tried again: what digests now leaves, in order, as if it had never waited."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from eventlog import curing
from eventlog.deciding import Behind
from eventlog.entries import WAITS
from eventlog.log import KafkaLog, Log
from eventlog.mongoledger import MongoLedger
from eventlog.progress import Token
from tests.kit import toy
from tests.kit.digestion import Digestion
from tests.kit.engine import Replica, contents, put, replica, until
from tests.kit.toy import AddMarble, MarbleAdded, call, decide

pytestmark = pytest.mark.integration

HERE = call().place
FIRST = partial(MongoLedger, program="first")


@pytest.fixture
def digestion() -> Digestion:
    return Digestion()


@pytest.fixture
async def one(log: KafkaLog, mongo: str, database_prefix: str, digestion: Digestion) -> AsyncIterator[Replica]:
    async with replica(log, mongo, database_prefix + "toy", projection=digestion.projection(), ledger_type=FIRST, lease_ms=600) as running:
        yield running


@pytest.fixture
async def other(one: Replica, log: KafkaLog, mongo: str, database_prefix: str, digestion: Digestion) -> AsyncIterator[Replica]:
    async with replica(log, mongo, database_prefix + "toy", projection=digestion.projection(), ledger_type=FIRST, lease_ms=600) as running:
        yield running


async def write(one: Replica) -> None:
    """Two streams that are poisoned, one that shares a name with the first, and one that is well."""
    await put(one.log, MarbleAdded(jar="bad"), {"jar:bad": 0})
    await put(one.log, MarbleAdded(jar="bad", poison=True, name="blue"), {"jar:bad": 1, "name:blue": 0})
    await put(one.log, MarbleAdded(jar="worse", poison=True), {"jar:worse": 0})
    await put(one.log, MarbleAdded(jar="waits", name="blue"), {"jar:waits": 0, "name:blue": 1})
    await put(one.log, MarbleAdded(jar="good"), {"jar:good": 0})
    await put(one.log, MarbleAdded(jar="bad"), {"jar:bad": 2})
    await put(one.log, MarbleAdded(jar="waits"), {"jar:waits": 1})
    await put(one.log, MarbleAdded(jar="worse"), {"jar:worse": 1})
    await one.caught_up()
    assert [1, 2, 3, 5, 6, 7] == [each.offset for each in await one.ledger.parked()]


async def parked(one: Replica) -> list[int]:
    return [each.offset for each in await one.ledger.parked()]


async def tried(one: Replica, seconds: float = 15) -> None:
    """Wait until nothing is left that is to be tried again."""
    async with asyncio.timeout(seconds):
        while any(waiting.untried for waiting in (await one.ledger.waiting()).values()):  # noqa: ASYNC110 - the leader tells nobody
            await asyncio.sleep(0.02)


async def assert_as_if_never_poisoned(log: Log, mongo: str, database: str) -> None:
    """Compare with the views of a world that could always digest everything."""
    async with replica(log, mongo, database + "_well", projection=Digestion(cured=True).projection()) as well:
        await well.caught_up()
    poisoned, never = await contents(mongo, database), await contents(mongo, database + "_well")
    assert {name: docs for name, docs in never.items() if name != "positions"} == {
        name: docs for name, docs in poisoned.items() if name != "positions"
    }


async def test_what_digests_now_leaves_and_the_views_are_as_if_nothing_had_waited(
    one: Replica, other: Replica, digestion: Digestion, mongo: str, database_prefix: str
) -> None:
    await write(one)
    last = Token({HERE: 8})
    assert not await one.projector.progress.passed(last, 0)

    digestion.cured = True
    assert 6 == await one.ledger.retry()
    await tried(one)

    assert [] == await parked(one)
    for each in (one, other):
        await until(lambda each=each: not each.projector.progress.parked)  # type: ignore[misc]  # mypy infers no lambda's defaults
        assert await each.projector.progress.passed(last, 0)
        outcome = await each.handler.handle("jar:worse", AddMarble("worse"), decide, call())
        assert outcome.version == outcome.state.marbles
    await one.caught_up()
    await assert_as_if_never_poisoned(one.log, mongo, database_prefix + "toy")


async def test_what_fails_again_stays_and_is_not_tried_a_third_time(one: Replica) -> None:
    await write(one)
    before = await one.ledger.parked()

    await one.ledger.retry()
    await tried(one)
    await put(one.log, MarbleAdded(jar="good"), {"jar:good": 1})
    await one.caught_up()

    assert before == await one.ledger.parked()
    position = (await one.ledger.positions())[HERE]
    assert (1, 1) == (position.parked, position.cured)
    assert 0 == one.projector.counts.discarded


async def test_one_stream_is_tried_alone_and_in_its_order(one: Replica, digestion: Digestion, mongo: str, database_prefix: str) -> None:
    await write(one)
    digestion.cured = True

    assert 2 == await one.ledger.retry(["jar:worse"])
    await tried(one)

    assert [1, 3, 5, 6] == await parked(one)
    assert 1 == (await one.ledger.positions())[HERE].parked
    with pytest.raises(Behind):
        await one.handler.handle("jar:bad", AddMarble("bad"), decide, call())
    outcome = await one.handler.handle("jar:worse", AddMarble("worse"), decide, call())
    assert (3, toy.Jar(3)) == (outcome.version, outcome.state)

    await one.ledger.retry(["jar:waits"])  # in vain: it waits for a record of another stream
    await tried(one)
    assert [WAITS, WAITS] == [each.cause for each in await one.ledger.parked(["jar:waits"])]

    await one.ledger.retry()
    await tried(one)
    await assert_as_if_never_poisoned(one.log, mongo, database_prefix + "toy")


async def test_a_leader_of_another_program_tries_again_by_itself(
    log: KafkaLog, mongo: str, database_prefix: str, digestion: Digestion
) -> None:
    database = database_prefix + "toy"
    async with replica(log, mongo, database, projection=digestion.projection(), ledger_type=FIRST) as first:
        await write(first)
        await put(log, MarbleAdded(jar="new"), {"jar:new": 0}, type_="toy.of-next-year.v1")
        await first.caught_up()
        assert ["first"] * 7 == [each.program for each in await first.ledger.parked()]

    digestion.cured = True
    async with replica(log, mongo, database, projection=digestion.projection(), ledger_type=FIRST) as same:
        await same.caught_up()
        await until(lambda: bool(same.projector.waiting))  # it has had a look
        assert 7 == len(await parked(same))
    async with replica(
        log, mongo, database, projection=digestion.projection(), ledger_type=partial(MongoLedger, program="second")
    ) as second:
        await tried(second)
        assert [(8, "second")] == [(each.offset, each.program) for each in await second.ledger.parked()]
    async with replica(
        log, mongo, database, projection=digestion.projection(), ledger_type=partial(MongoLedger, program="third"), facts=NextYear()
    ) as third:
        await tried(third)
        assert [] == await parked(third)


class NextYear(toy.PlainFacts):
    """What a later program opens."""

    def decode(self, record: Any) -> Any:
        """See `toy.PlainFacts`."""
        named = [(name, MarbleAdded.TYPE.encode() if name == "ce_type" else value) for name, value in record.headers]
        return super().decode(record._replace(headers=named))


@pytest.mark.parametrize("at_a_time", [3, 500])
async def test_records_are_tried_while_others_are_written_and_two_lead_at_once(
    one: Replica, other: Replica, digestion: Digestion, mongo: str, database_prefix: str, monkeypatch: pytest.MonkeyPatch, at_a_time: int
) -> None:
    monkeypatch.setattr(curing, "RECORDS", at_a_time)
    jars = "abcdef"
    for jar in jars:
        await put(one.log, MarbleAdded(jar=jar, poison=True), {f"jar:{jar}": 0})
    written = asyncio.create_task(_go_on(one, jars, 20))
    await until(lambda: one.projector.counts.parked + other.projector.counts.parked >= len(jars))
    _lead_both(one, other)

    digestion.cured = True
    await asyncio.gather(one.ledger.retry(), other.ledger.retry(["jar:a", "jar:b"]))
    await written
    await asyncio.gather(one.caught_up(), other.caught_up())
    await tried(one)

    assert [] == await parked(one)
    await assert_as_if_never_poisoned(one.log, mongo, database_prefix + "toy")
    assert not one.failed.done()
    assert not other.failed.done()


async def _go_on(one: Replica, jars: str, rounds: int) -> None:
    """Write on, of the poisoned streams and of others, all into one partition."""
    for version in range(1, rounds):
        for jar in jars:
            await put(one.log, MarbleAdded(jar=jar), {f"jar:{jar}": version})
        await put(one.log, MarbleAdded(jar="good"), {"jar:good": version - 1})


def _lead_both(*replicas: Replica) -> None:
    """A clock that went mad: both lead."""
    for each in replicas:
        leases = each.projector.leases

        async def unchanged(writer: object, judging: object = ()) -> frozenset[Any]:
            del writer, judging
            return frozenset()

        leases.renew = unchanged  # type: ignore[method-assign]
        leases.held = leases.judging = frozenset(each.projector.places)


async def test_a_state_that_is_remembered_hides_not_that_its_stream_is_parked(one: Replica) -> None:
    made = await one.handler.handle("jar:a", AddMarble("a"), decide, call())
    await put(one.log, MarbleAdded(jar="a", marbles=-5), {"jar:a": made.version})  # its label can not be derived
    await put(one.log, MarbleAdded(jar="b", poison=True), {"jar:b": 0})
    await one.caught_up()

    for jar in "ab":
        with pytest.raises(Behind) as behind:
            await one.handler.handle(f"jar:{jar}", AddMarble(jar), decide, call())
        assert behind.value.parked


async def test_a_command_that_comes_before_its_stream_is_seen_to_be_parked_is_not_decided_by_the_state_before(one: Replica) -> None:
    await put(one.log, MarbleAdded(jar="a", poison=True), {"jar:a": 0})
    await until(lambda: one.projector.reader.tips[HERE].next == 1)

    with pytest.raises(Behind) as behind:
        await one.handler.handle("jar:a", AddMarble("a"), decide, call())

    assert behind.value.parked
    await one.caught_up()
    assert 0 == one.handler.voided
    assert {HERE: 1} == dict(await one.log.ends([HERE]))
