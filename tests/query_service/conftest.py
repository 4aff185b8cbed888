from collections.abc import AsyncIterator

import pytest_asyncio

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
