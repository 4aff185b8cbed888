from collections.abc import AsyncIterator

import pytest_asyncio

from tests.kit.serving import Served, serving
from tests.servicekit.toy import toy


@pytest_asyncio.fixture(scope="session")
async def served() -> AsyncIterator[Served]:
    """The toy, served once for all tests."""
    async with serving(toy()) as running:
        yield running
