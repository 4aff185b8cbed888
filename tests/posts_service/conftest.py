from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import ClientSession, web

from posts_service.app import create_app
from posts_service.settings import PostsSettings
from tests.kit.installation import Installation, Somebody, installation


@pytest_asyncio.fixture(scope="session")
async def site(kafka: str, mongo: str) -> AsyncIterator[Installation]:
    """An installation that the tests of this folder share."""
    async with installation(kafka, mongo) as made:
        yield made


@pytest.fixture(scope="session")
def apps(site: Installation) -> tuple[web.Application, web.Application]:
    """Two replicas of the service."""
    settings = PostsSettings.model_validate(site.settings)
    return create_app(settings), create_app(settings)


@pytest_asyncio.fixture(scope="session")
async def pair(site: Installation, apps: tuple[web.Application, web.Application]) -> AsyncIterator[tuple[ClientSession, ClientSession]]:
    """Clients of them, while they run."""
    async with site.running(apps[0]) as one, site.running(apps[1]) as other:
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
