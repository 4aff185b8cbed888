"""What every ledger promises about what is parked, and tried again."""

import asyncio
from dataclasses import replace

import pytest

from eventlog.entries import Parked, Position, PositionLost, Waiting
from eventlog.ledger import Ledger, Moved
from tests.kit.ledgers import HERE, THERE, batch, write

PARKED = [
    Parked(HERE, offset, streams, "poisoned", 7, "old") for offset, streams in ((1, ("a",)), (2, ("b",)), (4, ("a", "c")), (6, ("c",)))
]


async def park(ledger: Ledger) -> None:
    await write(ledger, batch({HERE: (Position(HERE), Position(HERE, 7, "g", 7, 1))}, parked=PARKED))


async def test_parked_records_are_gone_through_in_their_order(ledger: Ledger) -> None:
    await park(ledger)

    assert PARKED == await ledger.parked(place=HERE)
    assert PARKED[2:3] == await ledger.parked(place=HERE, beyond=2, most=1)
    assert [] == await ledger.parked(place=THERE)
    assert {HERE: Waiting(4, untried=True)} == await ledger.waiting()


async def test_who_asks_has_some_streams_tried_again(ledger: Ledger) -> None:
    await park(ledger)

    assert 2 == await ledger.retry(["c"])

    assert ["old", "old", None, None] == [each.program for each in await ledger.parked()]
    assert 4 == await ledger.retry()


async def test_what_is_cured_leaves_and_what_waits_behind_it_is_to_be_tried(ledger: Ledger) -> None:
    await park(ledger)
    before, after = Position(HERE, 7, "g", 7, 1), Position(HERE, 7, "g", 7, 1, 1)
    stays = replace(PARKED[0], cause="still", program=ledger.program)
    cure = replace(batch({HERE: (before, after)}, parked=[stays]), freed=PARKED[2:3])

    async with ledger.changes() as changes, asyncio.timeout(10):
        await write(ledger, cure)
        assert Moved(HERE, 7, 1) == await anext(changes)

    assert [stays, PARKED[1], replace(PARKED[3], program=None)] == await ledger.parked()
    assert after == (await ledger.positions())[HERE]
    with pytest.raises(PositionLost):  # who cures twice, and who went on meanwhile
        await write(ledger, cure)
    with pytest.raises(PositionLost):
        await write(ledger, batch({HERE: (before, replace(before, next=8, fed=8))}))
