"""The projector on the real parts: whatever happens to its database, the log brings the same documents back."""

import asyncio
import threading
from dataclasses import replace

import pytest
from pymongo import AsyncMongoClient

from eventlog.entries import Position, PositionLost, PositionsGone
from eventlog.judging import Judged
from eventlog.ledger import Folded
from eventlog.log import KafkaLog
from eventlog.positions import watch
from eventlog.progress import Progress
from eventlog.projection import Doc
from tests.kit import toy
from tests.kit.engine import Replica, contents, put, replica, until
from tests.kit.toy import AddMarble, MarbleAdded, call, decide

pytestmark = pytest.mark.integration


async def fill(one: Replica) -> None:
    """Some of everything: accepted and void records, claims, and a command that was given up."""
    for jar in "abcab":
        await one.handler.handle(f"jar:{jar}", AddMarble(jar), decide, call(key=jar))
    await one.handler.handle("jar:d", AddMarble("d", name="blue"), decide, call())
    await put(one.log, MarbleAdded(jar="a"), {"jar:a": 0}, key="a")
    await put(one.log, MarbleAdded(jar="z", poison=True), {"jar:z": 0})
    await one.handler.close(call(name="mine").address, by="somebody", now=toy.NOW)
    await one.caught_up()


async def drop(mongo: str, database: str) -> None:
    async with AsyncMongoClient[dict[str, object]](mongo) as client:
        await client.drop_database(database)


async def test_a_dropped_database_comes_back_the_same(log: KafkaLog, mongo: str, database_prefix: str) -> None:
    database = database_prefix + "toy"
    async with replica(log, mongo, database) as one:
        await fill(one)
    before = await contents(mongo, database)

    await drop(mongo, database)
    async with replica(log, mongo, database) as again:
        await again.caught_up()

    assert before == await contents(mongo, database)


async def test_a_running_replica_says_that_its_database_was_dropped(log: KafkaLog, mongo: str, database_prefix: str) -> None:
    database = database_prefix + "toy"
    async with replica(log, mongo, database) as one:
        await fill(one)
        before = await contents(mongo, database)

        await drop(mongo, database)

        with pytest.raises(PositionsGone, match="starting anew rebuilds the views"):
            async with asyncio.timeout(20):
                await one.failed
    async with replica(log, mongo, database) as again:
        await again.caught_up()
    assert before == await contents(mongo, database)


async def test_a_replica_notices_that_another_has_begun_anew_meanwhile(one: Replica, mongo: str) -> None:
    await fill(one)
    positions = one.ledger.database.positions

    # What a replica sees that was cut off while its database was dropped and made again.
    await positions.update_one({"_id": f"{call().place} toy_v1"}, {"$set": {"fed": 0}})
    one.projector.leases.held = one.projector.leases.judging = frozenset()
    await put(one.log, MarbleAdded(jar="y"), {"jar:y": 0})

    with pytest.raises(PositionsGone):
        async with asyncio.timeout(20):
            await one.failed


@pytest.mark.parametrize("what", ["begun anew", "taken away"])
async def test_who_watches_positions_says_that_they_are_gone(one: Replica, what: str) -> None:
    progress = Progress(one.projector.places)
    positions = one.ledger.database.positions
    watching = asyncio.Event()
    if what == "begun anew":
        progress.advance(call().place, 5)
    task = asyncio.create_task(watch(one.ledger, progress, watching))
    if what == "taken away":
        await watching.wait()
        await positions.delete_one({"_id": str(call().place)})

    with pytest.raises(PositionsGone):
        async with asyncio.timeout(20):
            await task


async def test_a_new_version_fills_beside_the_old_one_with_the_ledgers_verdicts(log: KafkaLog, mongo: str, database_prefix: str) -> None:
    database, fresh = database_prefix + "toy", database_prefix + "fresh"
    newer = replace(toy.PROJECTION, version=2)
    async with replica(log, mongo, database) as one:
        await fill(one)
    before = await contents(mongo, database)

    async with replica(log, mongo, database, projection=newer) as bumped:
        await bumped.caught_up()
        # It counts a batch after its positions are seen to have moved; what it counted before it took this command is there now.
        await bumped.handler.handle("jar:a", AddMarble("a"), decide, call(key="a"))
        await bumped.caught_up()
        assert bumped.projector.counts.void == 1  # by the ledger: judged again, against the later state, most would be void
    async with replica(log, mongo, fresh, projection=newer) as rebuilt:
        await rebuilt.caught_up()

    after, built = await contents(mongo, database), await contents(mongo, fresh)
    assert before["jars_v1"] == after["jars_v1"]
    assert {name: docs for name, docs in built.items() if name not in {"positions", "parked"}} == {
        name: docs for name, docs in after.items() if not name.endswith("_v1") and name not in {"positions", "parked"}
    }


async def test_a_batch_that_begins_from_another_position_is_discarded_whole(one: Replica) -> None:
    await fill(one)
    before = await one.ledger.positions()
    stale = Position(call().place)

    folded = Folded(Judged(versions={"posts/0/jar:x": 1}), {}, {}, (), [], {call().place: (stale, replace(stale, next=1, fed=1))})
    writer = one.ledger.writer()
    try:
        with pytest.raises(PositionLost):
            await writer.write(folded)
    finally:
        await writer.close()

    assert before == await one.ledger.positions()
    assert await one.ledger.database.ledger.find_one({"_id": "posts/0/jar:x"}) is None


async def test_of_two_leaders_of_one_partition_one_applies_each_record(one: Replica, other: Replica) -> None:
    async def lead_all(session: object, judging: object) -> frozenset[object]:
        del session, judging
        return frozenset(one.projector.places)

    for each in (one, other):
        each.projector.leases.renew = lead_all  # type: ignore[method-assign,assignment]  # a clock that went mad: both lead
        each.projector.leases.held = each.projector.leases.judging = frozenset(each.projector.places)

    for version in range(50):
        await put(one.log, MarbleAdded(jar="a"), {"jar:a": version})
    await asyncio.gather(one.caught_up(), other.caught_up())

    assert {"_id": "a", "times": 50, "marbles": 50, "label": "50 marbles"} == await one.ledger.database.totals_v1.find_one({"_id": "a"})
    await until(lambda: 50 == one.projector.counts.accepted + other.projector.counts.accepted)  # counted once it is told


async def test_costly_fields_are_derived_beside_the_loop(log: KafkaLog, mongo: str, database_prefix: str) -> None:
    threads: list[int] = []

    def derive(doc: Doc) -> Doc:
        threads.append(threading.get_ident())
        return toy.label(doc)

    costly = replace(toy.PROJECTION, views=(*toy.PROJECTION.views[:-1], replace(toy.TOTALS, derive=derive)))
    async with replica(log, mongo, database_prefix + "toy", projection=costly) as one:
        await one.handler.handle("jar:a", AddMarble("a"), decide, call())
        await one.caught_up()

    assert 1 == len(threads)
    assert threading.get_ident() not in threads
