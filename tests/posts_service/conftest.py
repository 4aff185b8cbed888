from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import ClientSession

from posts_service.app import create_app
from posts_service.settings import PostsSettings
from tests.kit.installation import Installation, Somebody, installation


@pytest_asyncio.fixture(scope="session")
async def site(kafka: str, mongo: str) -> AsyncIterator[Installation]:
    """An installation that the tests of this folder share."""
    async with installation(kafka, mongo) as made:
        yield made


@pytest_asyncio.fixture(scope="session")
async def pair(site: Installation) -> AsyncIterator[tuple[ClientSession, ClientSession]]:
    """Two replicas of the service."""
    settings = PostsSettings.model_validate(site.settings)
    async with site.running(create_app(settings)) as one, site.running(create_app(settings)) as other:
        yield one, other


@pytest.fixture
def one(pair: tuple[ClientSession, ClientSession]) -> ClientSession:
    return pair[0]


@pytest.fixture
def other(pair: tuple[ClientSession, ClientSession]) -> ClientSession:
    return pair[1]


@pytest_asyncio.fixture
async def ada(site: Installation) -> Somebody:
    """An author of the test's own."""
    return await site.somebody()


@pytest_asyncio.fixture
async def bob(site: Installation) -> Somebody:
    """Somebody else."""
    return await site.somebody()
