"""What every log promises: the one on Kafka, and the one in memory that stands for it in tests."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from eventlog.log import KafkaLog, Log, LogTruncated, TooLarge, read
from eventlog.memory import MemoryLog
from eventlog.record import Partition, Record
from eventlog.topics import TOPICS, ensure

HERE = Partition("posts", 3)
THERE = Partition("posts", 4)


@pytest.fixture(params=["kafka", "memory"])
async def log(request: pytest.FixtureRequest, topic_prefix: str) -> AsyncIterator[Log]:
    if request.param == "memory":
        yield MemoryLog()
        return
    bootstrap = request.getfixturevalue("kafka")
    await ensure(bootstrap, prefix=topic_prefix)
    log = KafkaLog(bootstrap, prefix=topic_prefix)
    await log.start()

    yield log

    await log.stop()


async def appended(log: Log, place: Partition, *values: bytes) -> list[int]:
    return [await log.append(place, b"key", value, [("ce_id", value)]) for value in values]


async def everything(log: Log, *places: Partition) -> list[Record]:
    return [record async for record in read(log, dict.fromkeys(places, 0))]


async def test_records_come_back_whole_and_in_order(log: Log) -> None:
    offsets = await appended(log, HERE, b"one", b"two")

    records = await everything(log, HERE)

    assert [0, 1] == offsets
    assert [(0, b"key", b"one", [("ce_id", b"one")]), (1, b"key", b"two", [("ce_id", b"two")])] == [
        (record.offset, record.key, record.value, list(record.headers)) for record in records
    ]
    assert {HERE} == {record.place for record in records}


async def test_a_tombstone_has_no_value(log: Log) -> None:
    await log.append(HERE, b"key", None, [])

    (record,) = await everything(log, HERE)

    assert record.value is None


async def test_partitions_do_not_mix(log: Log) -> None:
    await appended(log, HERE, b"here")
    await appended(log, THERE, b"there")

    assert [b"there"] == [record.value for record in await everything(log, THERE)]
    assert {HERE: 1, THERE: 1} == await log.ends([HERE, THERE])
    assert {HERE: 0, THERE: 0} == await log.begins([HERE, THERE])


async def test_a_tail_goes_on_from_an_offset_and_stops_when_told(log: Log) -> None:
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


async def test_a_position_past_the_end_is_refused(log: Log) -> None:
    tail = await log.tail([HERE])
    tail.follow(HERE, 5)

    with pytest.raises(LogTruncated):
        await some(tail)

    await tail.close()


async def test_a_moment_has_an_offset(log: Log) -> None:
    await appended(log, HERE, b"one")

    assert {HERE: 0} == await log.since([HERE], datetime.now(UTC) - timedelta(hours=1))
    assert {HERE: 1} == await log.since([HERE], datetime.now(UTC) + timedelta(hours=1))


async def test_a_record_may_not_be_larger_than_a_mebibyte(log: Log) -> None:
    with pytest.raises(TooLarge):
        await log.append(HERE, b"key", b"x" * (1 << 20), [("ce_id", b"x")])

    assert {HERE: 0} == await log.ends([HERE])


async def test_reading_an_empty_log_ends_at_once(log: Log) -> None:
    assert [] == await everything(log, *TOPICS["posts"].places())


async def some(tail: object) -> list[Record]:
    """The next records: a fetch may come back early and empty."""
    while True:
        records: list[Record] = await tail.fetch(wait=1.0)  # type: ignore[attr-defined]  # any tail
        if records:
            return records
