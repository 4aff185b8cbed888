"""The engines that integration tests run on do what the log and the read models ask of them."""

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import AsyncMongoClient

pytestmark = pytest.mark.integration


async def test_a_record_comes_back(kafka: str, topic_prefix: str) -> None:
    topic = f"{topic_prefix}letters"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    await admin.close()
    producing = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=False, compression_type="zstd")
    consuming = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=None, auto_offset_reset="none")

    async with producing as producer, consuming as consumer:
        await producer.send_and_wait(topic, b"hello", key=b"k")
        consumer.assign([TopicPartition(topic, 0)])
        consumer.seek(TopicPartition(topic, 0), 0)
        record = await consumer.getone()

    assert (b"k", b"hello", 0) == (record.key, record.value, record.offset)


async def test_a_topic_that_nobody_made_is_not_made(kafka: str, topic_prefix: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()

    await admin.describe_topics([f"{topic_prefix}nowhere"])
    topics = await admin.list_topics()
    await admin.close()

    assert f"{topic_prefix}nowhere" not in topics


async def test_a_transaction_spans_databases(mongo: str, database_prefix: str) -> None:
    async with AsyncMongoClient[dict[str, object]](mongo) as client, client.start_session() as session:
        async with await session.start_transaction():
            await client[f"{database_prefix}a"].things.insert_one({"_id": 1}, session=session)
            await client[f"{database_prefix}b"].things.insert_one({"_id": 1}, session=session)

        assert 1 == await client[f"{database_prefix}b"].things.count_documents({})
        assert 1 == await client[f"{database_prefix}a"].things.count_documents({})


async def test_a_change_is_streamed(mongo: str, database_prefix: str) -> None:
    async with AsyncMongoClient[dict[str, object]](mongo) as client:
        things = client[f"{database_prefix}a"].things
        async with await things.watch() as changes:
            await things.insert_one({"_id": 2})

            change = await changes.next()

    assert {"_id": 2} == change["documentKey"]
