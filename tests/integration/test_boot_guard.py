"""The boot guard knows the log that a service has read from any other. Which states of topics it refuses is in `tests/contract`."""

from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from pymongo import AsyncMongoClient

from eventlog.entries import Position
from eventlog.faults import WrongLog
from eventlog.guard import check_positions
from eventlog.log import KafkaLog
from eventlog.mongoledger import MongoLedger
from eventlog.progress import Token
from eventlog.record import Partition
from eventlog.topics import TOPICS
from tests.kit import toy
from tests.kit.engine import Replica, put, replica
from tests.kit.toy import MarbleAdded, call

pytestmark = pytest.mark.integration

PLACES = TOPICS[toy.TOPIC].places()


@pytest.fixture
async def admin(kafka: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()

    yield admin

    await admin.close()


@pytest.fixture
async def positions(one: Replica) -> dict[Partition, Position]:
    """The positions of a service that has read two records."""
    for version in range(2):
        await put(one.log, MarbleAdded(jar="a"), {"jar:a": version})
    await one.caught_up()
    return await one.ledger.positions()


async def test_the_log_that_was_read_is_accepted(one: Replica, positions: dict[Partition, Position]) -> None:
    await put(one.log, MarbleAdded(jar="a"), {"jar:a": 2})

    await check_positions(one.log, positions, PLACES)
    await check_positions(one.log, {}, PLACES)


async def test_a_log_that_begins_late_is_refused(
    one: Replica, positions: dict[Partition, Position], topic_prefix: str, admin: AIOKafkaAdminClient
) -> None:
    await admin.delete_records({TopicPartition(topic_prefix + toy.TOPIC, call().place.number): RecordsToDelete(before_offset=1)})

    with pytest.raises(WrongLog, match=rf"{call().place}: the first offset is 1, wanted is 0.*import a backup"):
        await check_positions(one.log, positions, PLACES)


async def test_a_log_that_ends_before_what_was_read_is_refused(one: Replica, positions: dict[Partition, Position]) -> None:
    place = call().place

    with pytest.raises(WrongLog, match=rf"{place}: the offset after its last record is 2, wanted is at least 3.*truncated.*drop"):
        await check_positions(one.log, positions | {place: Position(place, 3, "x", 3)}, PLACES)


async def test_another_log_of_the_same_length_is_refused(one: Replica, positions: dict[Partition, Position]) -> None:
    place = call().place

    with pytest.raises(WrongLog, match=rf"{place}: the record at offset 1 is {positions[place].last}, wanted is another"):
        await check_positions(one.log, positions | {place: Position(place, 2, "another", 2)}, PLACES)


async def test_a_log_that_was_read_up_to_what_is_no_record_is_accepted(
    log: KafkaLog, kafka: str, mongo: str, topic_prefix: str, database_prefix: str
) -> None:
    place = call().place
    async with replica(log, mongo, database_prefix + "toy") as one:
        async with AIOKafkaProducer(bootstrap_servers=kafka, transactional_id=topic_prefix) as producer, producer.transaction():
            await producer.send(topic_prefix + toy.TOPIC, b"", key=b"k", partition=place.number)
        assert await one.projector.progress.reached(Token({place: 2}), 30)
    async with AsyncMongoClient[dict[str, object]](mongo) as client:
        positions = await MongoLedger(client[database_prefix + "toy"], toy.PROJECTION).positions()

    assert (2, "") == (positions[place].next, positions[place].last)
    await check_positions(log, positions, PLACES)

    with pytest.raises(WrongLog, match="the record at offset 1 is none, wanted is a record"):
        await check_positions(log, positions | {place: Position(place, 2, "a record", 2)}, PLACES)
