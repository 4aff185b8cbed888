"""Leaders that freeze or die: another replica goes on within a lease, and what the old one commits late is discarded."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID, uuid4

import pytest
from pymongo import AsyncMongoClient

from eventlog.log import KafkaLog
from eventlog.mongoleases import MongoLeases
from eventlog.mongoledger import MongoLedger
from eventlog.progress import Token
from eventlog.record import Partition
from tests.kit import toy
from tests.kit.engine import Frozen, Replica, put, replica, until
from tests.kit.toy import AddMarble, MarbleAdded, call, decide

pytestmark = pytest.mark.integration

TERM = 1000  # milliseconds
SOON = 15.0  # seconds; a transaction that nobody kills blocks its documents for 60 at least


async def never(writer: UUID, judging: Iterable[Partition] = ()) -> frozenset[Partition]:
    del writer, judging
    await asyncio.Event().wait()
    raise AssertionError


async def freeze(which: Replica) -> Frozen:
    """Freeze a leader inside its transaction; its lease is not renewed either."""
    assert isinstance(which.ledger, Frozen)
    which.ledger.thaw.clear()
    await put(which.log, MarbleAdded(jar="a"), {"jar:a": 0})
    await which.ledger.inside.wait()
    which.projector.leases.renew = never  # type: ignore[method-assign]  # a frozen process renews nothing
    return which.ledger


@pytest.fixture
async def pair(log: KafkaLog, mongo: str, database_prefix: str) -> AsyncIterator[tuple[Replica, Replica]]:
    def running() -> AbstractAsyncContextManager[Replica]:
        return replica(log, mongo, database_prefix + "toy", lease_ms=TERM, ledger_type=Frozen)

    async with running() as one, running() as other:
        yield await by_lead(one, other)


@pytest.fixture
def leader(pair: tuple[Replica, Replica]) -> Replica:
    return pair[0]


@pytest.fixture
def follower(pair: tuple[Replica, Replica]) -> Replica:
    return pair[1]


async def by_lead(one: Replica, other: Replica) -> tuple[Replica, Replica]:
    """Two replicas, once they have shared the partitions: who leads that of the calls comes first."""
    await until(lambda: [6, 6] == [len(each.projector.led & each.projector.leases.judging) for each in (one, other)], SOON)
    return (one, other) if call().place in one.projector.led else (other, one)


async def until_it_leads(which: Replica) -> None:
    await until(lambda: which.projector.led & which.projector.leases.judging == frozenset(which.projector.places), SOON)


async def test_another_goes_on_when_the_leader_freezes_inside_its_transaction(leader: Replica, follower: Replica) -> None:
    frozen = await freeze(leader)

    assert await follower.projector.progress.reached(Token({call().place: 1}), SOON)
    outcome = await follower.handler.handle("jar:a", AddMarble("a"), decide, call())
    assert (toy.Jar(2), 2) == (outcome.state, outcome.version)

    frozen.thaw.set()
    await until_discarded(leader)
    await follower.caught_up()
    assert {"_id": "a", "times": 2, "marbles": 2, "label": "2 marbles"} == await follower.ledger.database.totals_v1.find_one({"_id": "a"})
    assert 0 == leader.projector.counts.accepted


async def until_discarded(which: Replica) -> None:
    await until(lambda: which.projector.counts.discarded > 0, SOON)


async def test_a_leader_that_lost_its_lease_still_answers(leader: Replica, follower: Replica) -> None:
    frozen = await freeze(leader)
    assert await follower.projector.progress.reached(Token({call().place: 1}), SOON)
    frozen.thaw.set()
    await until_discarded(leader)

    outcome = await leader.handler.handle("jar:a", AddMarble("a"), decide, call())

    assert (toy.Jar(2), 2) == (outcome.state, outcome.version)


async def test_another_goes_on_when_the_leader_dies_inside_its_transaction(log: KafkaLog, mongo: str, database_prefix: str) -> None:
    dying = replica(log, mongo, database_prefix + "toy", lease_ms=TERM, ledger_type=Frozen)
    leader = await dying.__aenter__()
    await until_it_leads(leader)
    frozen = await freeze(leader)
    async with replica(log, mongo, database_prefix + "toy", lease_ms=TERM) as follower:
        # Nothing of it runs any more, but MongoDB still holds its transaction.
        assert await follower.projector.progress.reached(Token({call().place: 1}), SOON)
        await until_it_leads(follower)

    frozen.thaw.set()
    with contextlib.suppress(Exception):
        await dying.__aexit__(None, None, None)


async def test_a_replica_that_starts_again_under_its_name_goes_on_at_once(log: KafkaLog, mongo: str, database_prefix: str) -> None:
    killed = replica(log, mongo, database_prefix + "toy", name="one", lease_ms=60_000, ledger_type=Frozen)
    leader = await killed.__aenter__()
    await until_it_leads(leader)
    frozen = await freeze(leader)

    async with replica(log, mongo, database_prefix + "toy", name="one", lease_ms=60_000) as again:
        assert await again.projector.progress.reached(Token({call().place: 1}), SOON)

    frozen.thaw.set()
    with contextlib.suppress(Exception):
        await killed.__aexit__(None, None, None)


async def test_who_leads_again_has_forgotten_what_others_changed_meanwhile(one: Replica, other: Replica) -> None:
    everything = frozenset(one.projector.places)

    async def unchanged(writer: UUID, judging: Iterable[Partition] = ()) -> frozenset[Partition]:
        del writer, judging
        return frozenset()

    for each in (one, other):
        each.projector.leases.renew = unchanged  # type: ignore[method-assign]  # this test decides who leads

    async def hand_over(giving: Replica, taking: Replica) -> None:
        for which, held in ((giving, frozenset[Partition]()), (taking, everything)):
            which.projector.leases.held = which.projector.leases.judging = held
            which.projector.leases.excess = frozenset()
            await until(lambda which=which, held=held: which.projector.led == held)  # type: ignore[misc]  # mypy infers no lambda's defaults

    for version, (giving, taking) in enumerate([(other, one), (one, other), (other, one)]):
        await hand_over(giving, taking)
        await put(one.log, MarbleAdded(jar="a"), {"jar:a": version})
        await taking.caught_up()

    assert {"_id": "a", "times": 3, "marbles": 3, "label": "3 marbles"} == await one.ledger.database.totals_v1.find_one({"_id": "a"})
    assert 0 == one.projector.counts.discarded + other.projector.counts.discarded


async def test_who_ends_hands_its_leases_over_at_once(log: KafkaLog, mongo: str, database_prefix: str) -> None:
    async with replica(log, mongo, database_prefix + "toy", lease_ms=60_000) as first:
        await until_it_leads(first)
    async with replica(log, mongo, database_prefix + "toy", lease_ms=60_000) as second:
        await until_it_leads(second)


@pytest.fixture
async def leases(mongo: str, database_prefix: str) -> AsyncIterator[tuple[MongoLeases, MongoLeases]]:
    places = [Partition("posts", number) for number in range(3)]
    async with AsyncMongoClient[dict[str, Any]](mongo) as client:
        ledger = MongoLedger(client[database_prefix + "toy"], toy.PROJECTION)
        one, two = (MongoLeases(ledger.database, "toy_v1", places, name, 60_000) for name in ("one", "two"))
        await asyncio.gather(one.prepare(), two.prepare())
        yield one, two


async def test_who_was_slow_takes_its_leases_back_and_kills_no_session_of_its_own(leases: tuple[MongoLeases, MongoLeases]) -> None:
    one, _ = leases
    async with one._database.client.start_session() as writing:
        mine = writing.session_id["id"].as_uuid()
        await one.renew(mine)
        async with await writing.start_transaction():
            await one._database.things.insert_one({"_id": 1}, session=writing)
            await one._database.leases.update_many({}, [{"$set": {"until": "$$NOW"}}])

            assert 3 == len(await one.renew(mine))

    assert {"_id": 1} == await one._database.things.find_one({})


async def test_a_lease_that_a_mad_clock_has_timed_counts_as_expired(leases: tuple[MongoLeases, MongoLeases]) -> None:
    one, two = leases
    await one.renew(uuid4())
    await one._database.leases.update_many({}, [{"$set": {"until": {"$add": ["$$NOW", 10_000_000]}}}])

    assert 3 == len(await two.renew(uuid4()))


async def test_two_renewals_at_once_lose_nothing(leases: tuple[MongoLeases, MongoLeases]) -> None:
    one, _ = leases
    mine = uuid4()

    assert [frozenset(one._places.values())] * 5 == await asyncio.gather(*(one.renew(mine) for _ in range(5)))
