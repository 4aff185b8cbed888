"""The embedded Kafka and MongoDB keep what they acknowledged, whatever happens to their processes."""

from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import AsyncMongoClient

from inkctl.parts import jars, warmth
from inkctl.parts.kafka import QUICK_START, Kafka
from inkctl.parts.mongod import Mongod, find_mongod
from inkctl.plan import kafka_program, mongod_program
from inkctl.ports import free_port
from tests.kit.keeping import Keep, killed
from tests.kit.notices import Notices

pytestmark = pytest.mark.integration


async def test_kafka_keeps_what_it_acknowledged_before_it_was_killed(tmp_path: Path, keep: Keep, notices: Notices) -> None:
    kafka = Kafka(
        tmp_path / "kafka", jars.install(lambda _done, _all: None), free_port(), free_port(), options=(*QUICK_START, *warmth.options())
    )
    keeper = await keep(kafka_program(kafka))
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.address)
    await admin.start()
    await admin.create_topics([NewTopic("letters", 1, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=kafka.address, acks="all") as producer:
        await producer.send_and_wait("letters", b"kept")

    await killed(keeper, notices)

    async with AIOKafkaConsumer(bootstrap_servers=kafka.address, group_id=None) as consumer:
        consumer.assign([TopicPartition("letters", 0)])
        consumer.seek(TopicPartition("letters", 0), 0)
        assert b"kept" == (await consumer.getone()).value


async def test_mongod_is_a_primary_again_after_it_was_killed(tmp_path: Path, keep: Keep, notices: Notices) -> None:
    mongod = Mongod(tmp_path / "mongod", find_mongod(), free_port())
    keeper = await keep(mongod_program(mongod))
    async with AsyncMongoClient[dict[str, object]](mongod.address) as client:
        await client["kept"].letters.insert_one({"_id": 1})

        await killed(keeper, notices)

        assert 1 == await client["kept"].letters.count_documents({})


async def test_mongod_may_move_to_another_port(tmp_path: Path, keep: Keep) -> None:
    first = Mongod(tmp_path / "mongod", find_mongod(), free_port())
    keeper = await keep(mongod_program(first))
    async with AsyncMongoClient[dict[str, object]](first.address) as client:
        await client["kept"].letters.insert_one({"_id": 1})
    await keeper.stop()

    second = Mongod(tmp_path / "mongod", find_mongod(), free_port())
    await keep(mongod_program(second))

    async with AsyncMongoClient[dict[str, object]](second.address) as client:
        assert 1 == await client["kept"].letters.count_documents({})
