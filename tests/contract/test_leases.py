"""What the leases of every ledger promise: those who live share the partitions, and each is led by one at a time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from pymongo import AsyncMongoClient

from eventlog.ledger import Leases, Ledger
from eventlog.memoryledger import MemoryLedger
from eventlog.memorystore import MemoryStore
from eventlog.mongoledger import MongoLedger
from eventlog.projection import Projection
from eventlog.record import Partition
from tests.kit import toy

PLACES = [Partition("posts", 3), Partition("posts", 4), Partition("posts", 5), Partition("comments", 3), Partition("comments", 4)]

Make = Callable[..., Leases]


@pytest.fixture(params=["mongo", "memory"])
async def leases(request: pytest.FixtureRequest) -> AsyncIterator[Make]:
    """Makes the leases of a replica, by its name; its term in milliseconds, and the version of the views may be given."""

    def versions(ledger: Callable[[Projection], Ledger]) -> Make:
        return lambda name, term_ms=60_000, version=1: ledger(replace(toy.PROJECTION, version=version)).leases(PLACES, name, term_ms)

    if request.param == "memory":
        store = MemoryStore()
        yield versions(lambda projection: MemoryLedger(store, projection))
        return
    async with AsyncMongoClient[dict[str, Any]](request.getfixturevalue("mongo")) as client:
        database = client[request.getfixturevalue("database_prefix") + "toy"]
        yield versions(lambda projection: MongoLedger(database, projection))


async def settled(*each: Leases) -> list[int]:
    """Let replicas go on until nothing changes; how many partitions each leads."""
    for _ in range(len(each) + 1):
        for one in each:
            await one.renew(uuid4())
            await one.give_back()
    before = [one.held for one in each]
    assert before == [await one.renew(uuid4()) for one in each]
    return [len(held) for held in before]


async def test_a_lease_is_held_by_one_until_it_is_given_back(leases: Make) -> None:
    one, two = leases("one"), leases("two")
    await asyncio.gather(one.prepare(), two.prepare())

    await asyncio.gather(*(each.renew(uuid4()) for _ in range(5) for each in (one, two)))
    assert frozenset() == (one.held | one.excess) & (two.held | two.excess)

    await one.release()
    await two.renew(uuid4())
    assert (frozenset(), frozenset(PLACES)) == (one.held, two.held)


async def test_those_who_live_share_the_partitions(leases: Make) -> None:
    one, two, three = (leases(name) for name in ("one", "two", "three"))
    for each in (one, two, three):
        await each.prepare()

    assert [5] == await settled(one)
    assert [3, 2] == await settled(one, two)
    assert [2, 2, 1] == await settled(one, two, three)
    assert frozenset(PLACES) == one.held | two.held | three.held

    await one.release()
    assert [3, 2] == sorted(await settled(two, three), reverse=True)
    assert frozenset(PLACES) == two.held | three.held


async def test_who_leads_less_than_its_share_knows_it(leases: Make) -> None:
    one, other = leases("one"), leases("other")
    for each in (one, other):
        await each.prepare()

    await one.renew(uuid4())
    alone = one.short
    await other.renew(uuid4())  # nothing is free yet
    waiting = other.short
    await one.renew(uuid4())
    await one.give_back()
    await other.renew(uuid4())

    assert (False, True, False, False) == (alone, waiting, one.short, other.short)


async def test_what_is_beyond_the_share_is_nobody_elses_before_it_is_given_back(leases: Make) -> None:
    one, two = leases("one"), leases("two")
    await asyncio.gather(one.prepare(), two.prepare())
    await one.renew(uuid4())

    assert frozenset() == await two.renew(uuid4())
    kept = await one.renew(uuid4())
    assert (3, frozenset(PLACES)) == (len(kept), kept | one.excess)
    assert frozenset() == await two.renew(uuid4())

    excess = one.excess
    await one.give_back()
    assert (excess, frozenset()) == (await two.renew(uuid4()), one.excess)


async def test_a_lease_that_nobody_renews_is_taken_over_and_told(leases: Make) -> None:
    one, two = leases("one", 100), leases("two", 100)
    await asyncio.gather(one.prepare(), two.prepare())
    await one.renew(uuid4())

    async with asyncio.timeout(10):
        while await two.renew(uuid4()) != frozenset(PLACES):
            pass

    assert frozenset() == await one.renew(uuid4())


async def test_who_starts_again_under_its_name_takes_its_own_leases_over(leases: Make) -> None:
    before, again = leases("one"), leases("one")
    await before.prepare()
    await before.renew(uuid4())

    await again.prepare()

    assert frozenset(PLACES) == await again.renew(uuid4())
    assert frozenset() == await before.renew(uuid4())


async def test_one_version_of_the_views_judges_and_every_version_is_fed(leases: Make) -> None:
    old, new = leases("one"), leases("one", version=2)
    await old.prepare()
    mine, theirs, everything = uuid4(), uuid4(), frozenset(PLACES)
    await old.renew(mine, PLACES)

    await new.prepare()  # of the same replica, but another version
    await new.renew(theirs, PLACES)
    await old.renew(mine, PLACES)
    assert (everything, everything) == (old.held, new.held)
    assert (everything, frozenset()) == (old.judging, new.judging)

    await old.renew(mine, PLACES[:2])  # lets go of some, and feeds on
    await new.renew(theirs, PLACES)
    assert (everything, everything) == (old.held, new.held)
    assert (frozenset(PLACES[:2]), frozenset(PLACES[2:])) == (old.judging, new.judging)

    await old.release()
    await new.renew(theirs, PLACES)
    assert everything == new.judging


async def test_who_gives_back_judges_no_more(leases: Make) -> None:
    one, two = leases("one"), leases("two")
    await asyncio.gather(one.prepare(), two.prepare())
    await one.renew(uuid4(), PLACES)
    await two.renew(uuid4(), PLACES)

    await one.renew(uuid4(), PLACES)
    assert one.held == one.judging
    await one.give_back()
    await two.renew(uuid4(), PLACES)

    assert two.held == two.judging == frozenset(PLACES) - one.held


async def test_nobody_judges_what_another_feeds(leases: Make) -> None:
    one, two = leases("one"), leases("two")
    await asyncio.gather(one.prepare(), two.prepare())
    await one.renew(uuid4())

    await two.renew(uuid4(), PLACES)  # as one asks that has not noticed yet that it has lost everything
    await one.renew(uuid4(), PLACES)

    assert (one.held, frozenset()) == (one.judging, two.judging)
    assert 3 == len(one.judging)
