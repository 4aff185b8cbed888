"""One log for each test, and replicas of the toy service on it."""

from collections.abc import AsyncIterator

import pytest

from eventlog.log import KafkaLog
from eventlog.topics import ensure
from tests.kit.engine import Replica, replica


@pytest.fixture
async def log(kafka: str, topic_prefix: str) -> AsyncIterator[KafkaLog]:
    await ensure(kafka, prefix=topic_prefix)
    log = KafkaLog(kafka, prefix=topic_prefix)
    await log.start()

    yield log

    await log.stop()


@pytest.fixture
async def one(log: KafkaLog, mongo: str, database_prefix: str) -> AsyncIterator[Replica]:
    async with replica(log, mongo, database_prefix + "toy") as running:
        yield running


@pytest.fixture
async def other(one: Replica, log: KafkaLog, mongo: str, database_prefix: str) -> AsyncIterator[Replica]:
    async with replica(log, mongo, database_prefix + "toy") as running:
        yield running
