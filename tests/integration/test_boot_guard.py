"""The boot guard refuses a log that is not what it must be, and says which topic, what was found, what was wanted, and the cure."""

from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from pymongo import AsyncMongoClient

from eventlog.entries import Position
from eventlog.guard import WrongLog, check_positions, check_topics
from eventlog.log import KafkaLog
from eventlog.mongoledger import MongoLedger
from eventlog.progress import Token
from eventlog.record import Partition
from eventlog.topics import TOPICS, await_leaders
from tests.kit import toy
from tests.kit.engine import Replica, put, replica
from tests.kit.toy import MarbleAdded, call

pytestmark = pytest.mark.integration

NAMES = ("posts", "keys")
PLACES = TOPICS[toy.TOPIC].places()


@pytest.fixture
async def admin(kafka: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()

    yield admin

    await admin.close()


async def test_topics_as_declared_are_accepted(log: KafkaLog, kafka: str, topic_prefix: str) -> None:
    await check_topics(kafka, TOPICS, prefix=topic_prefix)


@pytest.mark.parametrize(
    ("topic", "setting", "found", "wanted"),
    [
        ("posts", "cleanup.policy", "compact", "delete"),
        ("posts", "cleanup.policy", "compact,delete", "delete"),
        ("posts", "retention.ms", "604800000", "-1"),
        ("posts", "retention.bytes", "1000000", "-1"),
        ("posts", "message.timestamp.type", "CreateTime", "LogAppendTime"),
        ("keys", "cleanup.policy", "delete", "compact"),
        ("keys", "max.compaction.lag.ms", "9223372036854775807", "86400000"),
    ],
)
async def test_a_topic_that_is_set_otherwise_is_refused(
    log: KafkaLog, kafka: str, topic_prefix: str, admin: AIOKafkaAdminClient, topic: str, setting: str, found: str, wanted: str
) -> None:
    name = topic_prefix + topic
    settings = TOPICS[topic].settings() | {setting: found}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, settings)])

    with pytest.raises(WrongLog) as refused:
        await check_topics(kafka, NAMES, prefix=topic_prefix)

    said = str(refused.value)
    assert f"topic {name} has {setting}={found}, wanted is {wanted}" in said.replace("delete,compact", "compact,delete")
    assert f"--entity-name {name} --add-config {setting}={wanted}" in said


async def test_a_topic_that_is_missing_is_refused(log: KafkaLog, kafka: str, topic_prefix: str, admin: AIOKafkaAdminClient) -> None:
    await admin.delete_topics([topic_prefix + "posts"])

    with pytest.raises(WrongLog, match=rf"{topic_prefix}posts does not exist.*inkctl topics ensure"):
        await check_topics(kafka, NAMES, prefix=topic_prefix)


async def test_a_topic_of_another_number_of_partitions_is_refused(kafka: str, topic_prefix: str, admin: AIOKafkaAdminClient) -> None:
    name = topic_prefix + "posts"
    await admin.create_topics([NewTopic(name, 5, 1, topic_configs=TOPICS["posts"].settings())])
    await await_leaders(kafka, [TopicPartition(name, number) for number in range(5)])

    with pytest.raises(WrongLog, match=rf"{topic_prefix}posts has 5 partitions, wanted are 12"):
        await check_topics(kafka, ["posts"], prefix=topic_prefix)


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

    with pytest.raises(WrongLog, match=rf"{call().place} begins at offset 1, not at 0.*from a backup"):
        await check_positions(one.log, positions, PLACES)


async def test_a_log_that_ends_before_what_was_read_is_refused(one: Replica, positions: dict[Partition, Position]) -> None:
    place = call().place

    with pytest.raises(WrongLog, match=rf"{place} ends at offset 2, but this service has read it up to 3.*truncated.*drop"):
        await check_positions(one.log, positions | {place: Position(place, 3, "x", 3)}, PLACES)


async def test_another_log_of_the_same_length_is_refused(one: Replica, positions: dict[Partition, Position]) -> None:
    place = call().place

    with pytest.raises(WrongLog, match=rf"{place} holds the record {positions[place].last} at offset 1, but .* has read another there"):
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

    with pytest.raises(WrongLog, match=r"holds the record \(none\)"):
        await check_positions(log, positions | {place: Position(place, 2, "a record", 2)}, PLACES)
