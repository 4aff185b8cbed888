"""Every ledger there is, each on a database of its own."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from eventlog.ledger import Ledger
from eventlog.memoryledger import MemoryLedger
from eventlog.memorystore import MemoryStore
from eventlog.mongoledger import MongoLedger
from tests.kit import toy
from tests.kit.ledgers import HERE, THERE, Stored


@pytest.fixture(params=["mongo", "memory"])
async def stored(request: pytest.FixtureRequest) -> AsyncIterator[Stored]:
    if request.param == "memory":
        store = MemoryStore()

        async def lose() -> None:
            store.drop()

        yield Stored(lambda projection: MemoryLedger(store, projection), lose)
        return
    database = request.getfixturevalue("database_prefix") + "toy"
    async with AsyncMongoClient[dict[str, Any]](request.getfixturevalue("mongo")) as client:

        async def drop() -> None:
            await client.drop_database(database)

        yield Stored(lambda projection: MongoLedger(client[database], projection), drop)


@pytest.fixture
async def ledger(stored: Stored) -> Ledger:
    ledger = stored.open(toy.PROJECTION)
    await ledger.prepare([HERE, THERE])
    return ledger
