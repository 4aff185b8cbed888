"""A whole engine for tests: the toy domain on real Kafka and MongoDB, any number of replicas."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from pymongo import AsyncMongoClient

from eventlog.handling import Handler
from eventlog.ledger import Ledger
from eventlog.log import Log
from eventlog.projection import Projection
from eventlog.projector import Projector
from tests.kit import toy


@dataclass
class Replica:
    """One replica of the toy service."""

    log: Log
    ledger: Ledger
    projector: Projector
    handler: Handler


@asynccontextmanager
async def replica(
    log: Log, mongo: str, database: str, *, projection: Projection = toy.PROJECTION, lease_ms: int = 3000, facts: Any = None
) -> AsyncIterator[Replica]:
    """Run a replica on a log and a database."""
    facts = facts or toy.PlainFacts()
    async with AsyncMongoClient[dict[str, Any]](mongo, uuidRepresentation="standard", tz_aware=True) as client:
        ledger = Ledger(client[database], projection)
        projector = Projector(log, ledger, facts, replica=uuid4().hex[:8], lease_ms=lease_ms)
        handler = Handler(log, ledger, projector, facts, [toy.JARS, toy.NAMES], source="/toy")
        async with projector.running():
            yield Replica(log, ledger, projector, handler)
