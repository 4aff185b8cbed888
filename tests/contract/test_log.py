"""What every log promises: the one on Kafka, and the one in memory that stands for it in tests."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from eventlog.archive.restoring import Fillable
from eventlog.log import KafkaLog, LogTruncated, TooLarge, read
from eventlog.memory import MemoryLog
from eventlog.record import Entry, Partition, Record
from eventlog.topics import TOPICS, ensure

HERE = Partition("posts", 3)
THERE = Partition("posts", 4)


@pytest.fixture(params=["kafka", "memory"])
async def log(request: pytest.FixtureRequest, topic_prefix: str) -> AsyncIterator[Fillable]:
    if request.param == "memory":
        yield MemoryLog()
        return
    bootstrap = request.getfixturevalue("kafka")
    await ensure(bootstrap, prefix=topic_prefix)
    log = KafkaLog(bootstrap, prefix=topic_prefix)
    await log.start()

    yield log

    await log.stop()


async def appended(log: Fillable, place: Partition, *values: bytes) -> list[int]:
    return [await log.append(place, b"key", value, [("ce_id", value)]) for value in values]


async def everything(log: Fillable, *places: Partition) -> list[Record]:
    return [record async for record in read(log, dict.fromkeys(places, 0))]


async def test_records_come_back_whole_and_in_order(log: Fillable) -> None:
    offsets = await appended(log, HERE, b"one", b"two")

    records = await everything(log, HERE)

    assert [0, 1] == offsets
    assert [(0, b"key", b"one", [("ce_id", b"one")]), (1, b"key", b"two", [("ce_id", b"two")])] == [
        (record.offset, record.key, record.value, list(record.headers)) for record in records
    ]
    assert {HERE} == {record.place for record in records}


async def test_a_tombstone_has_no_value(log: Fillable) -> None:
    await log.append(HERE, b"key", None, [])

    (record,) = await everything(log, HERE)

    assert record.value is None


async def test_partitions_do_not_mix(log: Fillable) -> None:
    await appended(log, HERE, b"here")
    await appended(log, THERE, b"there")

    assert [b"there"] == [record.value for record in await everything(log, THERE)]
    assert {HERE: 1, THERE: 1} == await log.ends([HERE, THERE])
    assert {HERE: 0, THERE: 0} == await log.begins([HERE, THERE])


async def test_a_tail_goes_on_from_an_offset_and_stops_when_told(log: Fillable) -> None:
    tail = await log.tail([HERE, THERE])
    await appended(log, HERE, b"one", b"two")
    await appended(log, THERE, b"unread")
    try:
        tail.follow(HERE, 1)
        assert [b"two"] == [record.value for record in await some(tail)]

        await appended(log, HERE, b"three")
        assert [b"three"] == [record.value for record in await some(tail)]
        assert await tail.position(HERE) == 3

        tail.leave(HERE)
        await appended(log, HERE, b"four")
        assert [] == await tail.fetch(wait=0.1)
    finally:
        await tail.close()


async def test_a_position_past_the_end_is_refused(log: Fillable) -> None:
    tail = await log.tail([HERE])
    tail.follow(HERE, 5)

    with pytest.raises(LogTruncated):
        await some(tail)

    await tail.close()


async def test_a_moment_has_an_offset(log: Fillable) -> None:
    await appended(log, HERE, b"one")

    assert {HERE: 0} == await log.since([HERE], datetime.now(UTC) - timedelta(hours=1))
    assert {HERE: 1} == await log.since([HERE], datetime.now(UTC) + timedelta(hours=1))


async def test_a_record_may_not_be_larger_than_a_mebibyte(log: Fillable) -> None:
    with pytest.raises(TooLarge):
        await log.append(HERE, b"key", b"x" * (1 << 20), [("ce_id", b"x")])

    assert {HERE: 0} == await log.ends([HERE])


async def test_many_records_are_appended_side_by_side(log: Fillable) -> None:
    await appended(log, HERE, b"before")
    sent = [
        Entry(b"key", b"one", [("ce_id", b"one"), ("twice", b"1"), ("twice", b"2")]),
        Entry(b"key", None, []),
        Entry(None, b"", []),
        Entry(None, None, []),
        Entry(b"", b"x" * (100 << 10), []),
    ]

    first = await log.append_all(HERE, sent)
    second = await log.append_all(HERE, [Entry(b"key", b"x" * (900 << 10), [])])

    assert (1, 6) == (first, second)
    _, *rest, _ = await everything(log, HERE)
    assert sent == [Entry(record.key, record.value, list(record.headers)) for record in rest]


async def test_of_many_records_none_may_be_larger_than_a_mebibyte(log: Fillable) -> None:
    with pytest.raises(TooLarge):
        await log.append_all(HERE, [Entry(b"key", os.urandom(1 << 20), [("ce_id", b"x")])])

    assert {HERE: 0} == await log.ends([HERE])


async def test_reading_an_empty_log_ends_at_once(log: Fillable) -> None:
    assert [] == await everything(log, *TOPICS["posts"].places())


async def some(tail: object) -> list[Record]:
    """The next records: a fetch may come back early and empty."""
    while True:
        records: list[Record] = await tail.fetch(wait=1.0)  # type: ignore[attr-defined]  # any tail
        if records:
            return records
