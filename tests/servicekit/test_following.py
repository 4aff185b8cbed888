"""Topics that are followed beside the projector."""

import asyncio
from collections.abc import Iterable

import pytest

from eventlog.log import OutcomeUnknown
from eventlog.memory import MemoryLog, MemoryTail
from eventlog.record import Partition, Record
from servicekit.following import Following

PLACE = Partition("keys", 0)


class Silent(MemoryLog):
    """A log whose tails can not be opened."""

    async def tail(self, places: Iterable[Partition]) -> MemoryTail:
        raise OutcomeUnknown(f"nobody answers for {list(places)}")


async def test_what_the_topic_holds_is_folded() -> None:
    log, folded = MemoryLog(), list[Record]()
    await log.append(PLACE, b"k", b"one", [])
    following = Following(log, ["keys"], folded.append)
    task = asyncio.create_task(following.run())

    await following.catch_up()
    await log.append(PLACE, b"k", b"two", [])
    await following.catch_up()
    task.cancel()

    assert [b"one", b"two"] == [record.value for record in folded]
    assert following.ready


async def test_nobody_waits_for_a_topic_that_is_followed_no_more() -> None:
    log = Silent()
    await log.append(PLACE, b"k", b"one", [])
    following = Following(log, ["keys"], lambda _: None)
    task = asyncio.create_task(following.run())

    with pytest.raises(OutcomeUnknown):
        await following.catch_up()

    await asyncio.wait([task])
    assert isinstance(task.exception(), OutcomeUnknown)
