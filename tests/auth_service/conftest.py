from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
import pytest_asyncio
from pymongo import MongoClient

from eventlog import topics
from tests.auth_service.running import Place, Replica, replica


@pytest_asyncio.fixture
async def place(kafka: str, mongo: str, topic_prefix: str, database_prefix: str) -> Place:
    """An installation of this test's own, still empty."""
    await topics.ensure(kafka, prefix=topic_prefix)
    return Place(kafka, mongo, topic_prefix, database_prefix)


@pytest_asyncio.fixture(scope="session")
async def pair(kafka: str, mongo: str) -> AsyncIterator[tuple[Replica, Replica]]:
    """Two replicas of one installation, which all tests that do not mind each other's accounts share."""
    name = uuid4().hex[:12]
    place = Place(kafka, mongo, f"test-{name}.", f"test_{name}_")
    await topics.ensure(kafka, prefix=place.topic_prefix)
    async with replica(place) as one, replica(place) as other:
        await one.register("the_admin")
        yield one, other
    with MongoClient[dict[str, object]](mongo) as client:
        for database in ("auth", "auth_local"):
            client.drop_database(place.database_prefix + database)


@pytest.fixture
def one(pair: tuple[Replica, Replica]) -> Replica:
    pair[0].clock.ahead = timedelta()
    return pair[0]


@pytest.fixture
def other(pair: tuple[Replica, Replica]) -> Replica:
    pair[1].clock.ahead = timedelta()
    return pair[1]
