"""Loses what a log holds, as operators have lost it."""

import asyncio

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import PolicyViolationError

from eventlog.record import Partition
from eventlog.topics import TOPICS


async def lose_the_first(admin: AIOKafkaAdminClient, prefix: str, place: Partition) -> None:
    """Lose a partition's first record; a compacted topic loses none but while somebody has set it to delete by age."""
    name, settings = prefix + place.topic, TOPICS[place.topic].settings(1)
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, settings | {"cleanup.policy": "delete"})])
    async with asyncio.timeout(15):
        while not await _lost(admin, TopicPartition(name, place.number)):  # noqa: ASYNC110 - the broker takes the setting up, and tells nobody
            await asyncio.sleep(0.01)
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, settings)])


async def _lost(admin: AIOKafkaAdminClient, at: TopicPartition) -> bool:
    try:
        await admin.delete_records({at: RecordsToDelete(before_offset=1)})
    except PolicyViolationError:
        return False
    return True
