"""A whole engine for tests: the toy domain on real Kafka and MongoDB, any number of replicas."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from bson.raw_bson import RawBSONDocument
from pymongo import AsyncMongoClient

from eventlog.facts import Facts
from eventlog.handling import Handler
from eventlog.log import Log
from eventlog.mongoledger import MongoLedger
from eventlog.partitioner import partition_of
from eventlog.progress import Token
from eventlog.projection import Doc, Projection
from eventlog.projector import Projector
from eventlog.record import Claim, Partition
from eventlog.topics import TOPICS
from tests.kit import toy

UNCOMPARED = {"leases"}  # of the moment, not of the log


class Frozen(MongoLedger):
    """A ledger whose owner can be frozen when it has written all of a batch and not committed it."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.inside = asyncio.Event()
        self.thaw = asyncio.Event()
        self.thaw.set()

    async def write(self, *args: Any) -> None:
        """See `MongoLedger.write`."""
        await super().write(*args)
        if not self.thaw.is_set():
            self.inside.set()
            await self.thaw.wait()


@dataclass
class Replica:
    """One replica of the toy service. `failed` tells when its projector can not go on."""

    log: Log
    ledger: MongoLedger
    projector: Projector
    handler: Handler
    failed: asyncio.Future[None]

    async def caught_up(self, seconds: float = 30) -> None:
        """Wait until the views have passed all that the log holds."""
        assert await self.projector.progress.reached(Token(await self.log.ends(self.projector.places)), seconds)

    async def states(self, *streams: str) -> dict[str, Doc]:
        """The documents that decide some streams, once the views have passed all that the log holds."""
        await self.caught_up()
        found: dict[str, Doc] = {}
        for stream in streams:
            found |= await self.ledger.read(self.ledger.projection.deciding(stream).name, [stream])
        return found


@asynccontextmanager
async def replica(
    log: Log,
    mongo: str,
    database: str,
    *,
    projection: Projection = toy.PROJECTION,
    lease_ms: int = 3000,
    facts: Any = None,
    ledger_type: Callable[[Any, Projection], MongoLedger] = MongoLedger,
    name: str | None = None,
) -> AsyncIterator[Replica]:
    """Run a replica on a log and a database."""
    facts = facts or toy.PlainFacts()
    async with AsyncMongoClient[dict[str, Any]](mongo) as client:
        ledger = ledger_type(client[database], projection)
        projector = Projector(log, ledger, facts, replica=name or uuid4().hex[:8], lease_ms=lease_ms)
        handler = Handler(log, ledger, projector, facts, [toy.JARS, toy.NAMES], source="/toy")
        async with projector.running() as failed:
            yield Replica(log, ledger, projector, handler, failed)


async def put(
    log: Log, event: Any, expects: Mapping[str, int], *, key: str = "k", attempt: UUID | None = None, type_: str | None = None
) -> tuple[Partition, int]:
    """Append a record past every handler; where it stands."""
    attempt = attempt or uuid4()
    claim = Claim(
        attempt=attempt,
        type=type_ or event.TYPE,
        source="/toy",
        subject=next(iter(expects), ""),
        time=toy.NOW,
        command=uuid4(),
        expects=expects,
        reads={},
        actor="somebody",
        request="",
    )
    place = Partition(toy.TOPIC, partition_of(key.encode(), TOPICS[toy.TOPIC].partitions))
    facts: Facts | toy.PlainFacts = toy.PlainFacts()
    return place, await log.append(place, key.encode(), facts.encode(event, attempt), claim.headers())


async def until(holds: Callable[[], bool], seconds: float = 15) -> None:
    """Wait for what nothing tells."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what counters and leases become, the engine tells nobody
            await asyncio.sleep(0.01)


async def contents(mongo: str, database: str) -> dict[str, list[bytes]]:
    """Every document of a service's database, as the bytes that MongoDB holds."""
    async with AsyncMongoClient[RawBSONDocument](mongo, document_class=RawBSONDocument) as client:
        found = client[database]
        return {
            name: [bytes(doc.raw) async for doc in found[name].find({}, sort=[("_id", 1)])]
            for name in sorted(await found.list_collection_names())
            if name not in UNCOMPARED
        }
