"""What every ledger promises: the one in MongoDB, and the one in memory that stands for it in tests."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from eventlog.entries import Attempt, AttemptKnown, Parked, Position, PositionLost, PositionsGone
from eventlog.judging import Judged
from eventlog.ledger import Ledger, Moved
from eventlog.referee import Verdict
from tests.kit.ledgers import HERE, NEWER, THERE, Stored, batch, write

MOMENT = datetime(2026, 11, 1, 12, 0, 0, 123456, tzinfo=UTC)
TOTAL = {"at": MOMENT, "who": UUID(int=7), "none": None, "list": [1, 1.5, "ü"], "bytes": b"\0\xff", "within": {"b": 1, "a": 2}}


def attempt(name: str, offset: int, *, accepted: bool = True) -> dict[str, Any]:
    return {"_id": f"{HERE}/{name}", "offset": offset, "accepted": accepted, "request": "r", "closed": False}


def void(offset: int) -> dict[str, Any]:
    return {"_id": f"{HERE}/{offset}", "place": str(HERE), "offset": offset, "verdict": Verdict.CONFLICTING.value}


FIRST = batch(
    {HERE: (Position(HERE), Position(HERE, 3, "c", 3, 2)), THERE: (Position(THERE), Position(THERE, 1, "d", 1))},
    Judged(
        versions={f"{HERE}/jar:a": 1, f"{THERE}/jar:b": 1},
        begun={f"{HERE}/jar:a", f"{THERE}/jar:b"},
        attempts=[attempt("a", 0), attempt("b", 1, accepted=False)],
        voids=[void(1)],
    ),
    docs={
        ("jars", "jar:a"): {"marbles": 1, "version": 1, "_id": "jar:a"},
        ("jars", "jar:b"): {"marbles": 2, "version": 1, "_id": "jar:b"},
        ("totals", "a"): TOTAL,
    },
    parked=[Parked(HERE, 2, ("jar:p", "name:q"), "poisoned", 77)],
)


async def everything(ledger: Ledger) -> tuple[Any, ...]:
    return (
        await ledger.positions(),
        await ledger.states(HERE, ["jar:a", "jar:x"]),
        await ledger.states(THERE, ["jar:b", "name:n"]),
        await ledger.attempts(HERE, ["a", "b", "x"]),
        await ledger.parked(),
        await ledger.parked(["name:q"]),
        await ledger.parked(["jar:a"]),
        await ledger.parked_streams([HERE, THERE]),
        await ledger.versions([f"{HERE}/jar:a", f"{THERE}/jar:a"]),
        await ledger.decided([f"{HERE}/a", f"{THERE}/a"]),
        await ledger.voids([f"{HERE}/0", f"{HERE}/1"]),
        await ledger.documents("totals", ["a", "x"]),
    )


async def test_in_the_beginning_it_holds_positions_and_nothing_else(ledger: Ledger) -> None:
    await ledger.prepare([HERE, THERE])

    assert (
        {HERE: Position(HERE), THERE: Position(THERE)},
        {"jar:a": (None, 0), "jar:x": (None, 0)},
        {"jar:b": (None, 0), "name:n": (None, 0)},
        *({}, [], [], [], {}, {}, set(), {}, {}),
    ) == await everything(ledger)
    assert {} == await ledger.parked_streams([])


async def test_a_batch_is_read_back_whole(ledger: Ledger) -> None:
    await write(ledger, FIRST)
    await ledger.prepare([HERE, THERE])

    parked = Parked(HERE, 2, ("jar:p", "name:q"), "poisoned", 77)
    total = {**TOTAL, "_id": "a", "at": MOMENT.replace(microsecond=123000)}
    assert (
        {HERE: Position(HERE, 3, "c", 3, 2), THERE: Position(THERE, 1, "d", 1)},
        {"jar:a": ({"_id": "jar:a", "marbles": 1, "version": 1}, None), "jar:x": (None, None)},
        {"jar:b": ({"_id": "jar:b", "marbles": 2, "version": 1}, 1), "name:n": (None, 1)},
        {
            "a": Attempt(accepted=True, offset=0, request="r", closed=False),
            "b": Attempt(accepted=False, offset=1, request="r", closed=False),
        },
        *([parked], [parked], [], {HERE: {"jar:p", "name:q"}}),
        *({f"{HERE}/jar:a": 1}, {f"{HERE}/a"}, {(HERE, 1): Verdict.CONFLICTING}),
        {"a": total},
    ) == await everything(ledger)


async def test_documents_change_and_go(ledger: Ledger) -> None:
    await write(ledger, FIRST)
    after = Position(HERE, 4, "e", 4, 2)
    second = batch(
        {HERE: (Position(HERE, 3, "c", 3, 2), after)},
        Judged(versions={f"{HERE}/jar:a": 2}, attempts=[attempt("e", 3)]),
        docs={("jars", "jar:a"): {"marbles": 5, "version": 2}, ("totals", "a"): None},
        absent=frozenset(),
    )

    await write(ledger, second)

    assert {"jar:a": ({"_id": "jar:a", "marbles": 5, "version": 2}, None)} == await ledger.states(HERE, ["jar:a"])
    assert {} == await ledger.documents("totals", ["a"])
    assert {f"{HERE}/jar:a": 2} == await ledger.versions([f"{HERE}/jar:a"])
    assert {HERE: after, THERE: Position(THERE, 1, "d", 1)} == await ledger.positions()


@pytest.mark.parametrize(
    "stale",
    [Position(HERE), Position(HERE, 4, "", 3, 2), Position(HERE, 3, "", 2, 2), Position(HERE, 3, "", 3)],
    ids=["another has begun", "judged", "fed", "parked"],
)
async def test_of_a_batch_that_begins_elsewhere_nothing_is_written(ledger: Ledger, stale: Position) -> None:
    await write(ledger, FIRST)
    before = await everything(ledger)
    moves = {THERE: (Position(THERE, 1, "d", 1), Position(THERE, 2, "x", 2)), HERE: (stale, replace(stale, next=9, fed=9))}
    second = batch(
        moves,
        Judged(versions={f"{HERE}/jar:a": 7}, attempts=[attempt("x", 8)], voids=[void(0)]),
        docs={("jars", "jar:x"): {"version": 1}, ("totals", "x"): {"marbles": 1}},
        parked=[Parked(HERE, 8, ("jar:a",), "late", 0)],
    )

    with pytest.raises(PositionLost) as lost:
        await write(ledger, second)

    assert not isinstance(lost.value, AttemptKnown)
    assert before == await everything(ledger)


async def test_of_a_batch_with_an_attempt_that_is_decided_nothing_is_written(ledger: Ledger) -> None:
    await write(ledger, FIRST)
    before = await everything(ledger)
    moves = {HERE: (Position(HERE, 3, "c", 3, 2), Position(HERE, 4, "b", 4, 2))}

    with pytest.raises(AttemptKnown):
        await write(ledger, batch(moves, Judged(versions={f"{HERE}/jar:a": 2}, attempts=[attempt("x", 3), attempt("b", 3)])))

    assert before == await everything(ledger)


async def test_a_writer_goes_on_after_a_batch_that_was_refused(ledger: Ledger) -> None:
    writer = ledger.writer()
    gap = {THERE: (Position(THERE), Position(THERE, 5, "", 5))}
    await writer.write(batch(gap))

    with pytest.raises(PositionLost):
        await writer.write(batch(gap))
    await writer.write(batch({THERE: (Position(THERE, 5, "", 5), Position(THERE, 6, "", 6))}))
    await writer.close()

    assert Position(THERE, 6, "", 6) == (await ledger.positions())[THERE]


async def test_each_version_of_a_projection_has_views_and_positions_of_its_own(ledger: Ledger, stored: Stored) -> None:
    await write(ledger, FIRST)
    newer = stored.open(NEWER)
    await newer.prepare([HERE, THERE])

    assert Position(HERE, 3, "c", 0) == (await newer.positions())[HERE]
    assert {"jar:a": (None, 0)} == await newer.states(HERE, ["jar:a"])
    assert ([], {}) == (await newer.parked(), await newer.parked_streams([HERE]))
    fed = batch({HERE: (Position(HERE, 3, "c"), Position(HERE, 3, "c", 2))}, docs={("jars", "jar:a"): {"marbles": 9, "version": 1}})
    await write(newer, fed)

    assert {"jar:a": ({"_id": "jar:a", "marbles": 9, "version": 1}, 2)} == await newer.states(HERE, ["jar:a"])
    assert {"jar:a": ({"_id": "jar:a", "marbles": 1, "version": 1}, None)} == await ledger.states(HERE, ["jar:a"])


async def test_who_watches_is_told_of_each_move_of_its_own_version(ledger: Ledger, stored: Stored) -> None:
    newer = stored.open(NEWER)
    await newer.prepare([HERE, THERE])
    async with ledger.changes() as changes, asyncio.timeout(10):
        await write(ledger, FIRST)
        await write(newer, batch({THERE: (Position(THERE, 1, "d"), Position(THERE, 1, "d", 1))}))
        await write(ledger, batch({HERE: (Position(HERE, 3, "c", 3, 2), Position(HERE, 4, "e", 4, 2))}))
        told = [await anext(changes) for _ in range(3)]

    assert {Moved(HERE, 3, 2), Moved(THERE, 1)} == {replace(each, same=False) for each in told[:2]}
    assert Moved(HERE, 4, same=True) == told[2]


async def test_what_others_have_judged_meanwhile_hinders_nobody_who_only_feeds(ledger: Ledger, stored: Stored) -> None:
    newer = stored.open(NEWER)
    await newer.prepare([HERE, THERE])
    await write(ledger, FIRST)

    await write(newer, batch({HERE: (Position(HERE, 1, "a"), Position(HERE, 1, "a", 1))}))

    assert (Position(HERE, 3, "c", 3, 2), Position(HERE, 3, "c", 1)) == ((await ledger.positions())[HERE], (await newer.positions())[HERE])


async def test_who_watches_learns_that_everything_is_gone(ledger: Ledger, stored: Stored) -> None:
    async with ledger.changes() as changes, asyncio.timeout(20):
        await stored.drop()

        with pytest.raises(PositionsGone):
            await anext(changes)

    assert {} == await ledger.positions()
    with pytest.raises(PositionsGone):
        await ledger.states(HERE, ["jar:a"])
