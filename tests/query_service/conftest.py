from collections.abc import AsyncIterator
from uuid import uuid4

import pytest_asyncio

from query_service.store import Store
from tests.query_service import facts
from tests.query_service.running import Site, site


@pytest_asyncio.fixture(scope="session")
async def shared(kafka: str, mongo: str) -> AsyncIterator[Site]:
    """An installation that is read, for all tests that do not mind each other's people and posts."""
    async with site(kafka, mongo) as made, made.reading():
        yield made


@pytest_asyncio.fixture
async def own(kafka: str, mongo: str) -> AsyncIterator[Site]:
    """An installation of the test's own, which nobody reads yet."""
    async with site(kafka, mongo) as made:
        yield made


@pytest_asyncio.fixture(scope="session")
async def filled(kafka: str, mongo: str) -> AsyncIterator[Store]:
    """The views of an author's fifty posts, of many by others, and of a thread of thirty comments."""
    async with site(kafka, mongo) as made, made.reading() as running:
        for number in range(100):
            author_id = facts.ADA if number % 2 else uuid4()
            await made.write(facts.imported(uuid4(), author_id, slug=f"p{number}", published_at=facts.later(number), tags=("engines",)))
        for number in range(30):
            await made.write(facts.commented(uuid4(), at=facts.later(number)))
        assert 200 == (await running.get("/api/query/posts")).status
        yield running.store
