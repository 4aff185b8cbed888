from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from aiohttp import ClientSession

from comments_service.app import create_app
from comments_service.settings import CommentsSettings
from posts_service.app import create_app as create_posts_app
from posts_service.settings import PostsSettings
from tests.kit.installation import Installation, Reply, Somebody, installation


@dataclass(frozen=True)
class Posts:
    """posts_service, running beside."""

    client: ClientSession

    async def draft(self, author: Somebody) -> Reply:
        return await author.ask(self.client, "POST", "/api/posts", {"title": "On Engines", "body": "They weave."})

    async def publish(self, author: Somebody) -> Reply:
        draft = await self.draft(author)
        return await author.ask(self.client, "POST", f"/api/posts/{draft.shown['id']}/publish", **draft.seen)


@pytest_asyncio.fixture(scope="session")
async def site(kafka: str, mongo: str) -> AsyncIterator[Installation]:
    """An installation that the tests of this folder share."""
    async with installation(kafka, mongo) as made:
        yield made


@pytest_asyncio.fixture(scope="session")
async def posts(site: Installation) -> AsyncIterator[Posts]:
    async with site.running(create_posts_app(PostsSettings.model_validate(site.settings))) as client:
        yield Posts(client)


@pytest_asyncio.fixture(scope="session")
async def pair(site: Installation) -> AsyncIterator[tuple[ClientSession, ClientSession]]:
    """Two replicas of the service."""
    settings = CommentsSettings.model_validate(site.settings)
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
    """A reader of the test's own."""
    return await site.somebody()
