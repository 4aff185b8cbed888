"""A whole engine in memory for tests: replicas of the toy service that a test can hold up where it likes."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from eventlog.handling import Handler
from eventlog.ledger import Folded
from eventlog.log import Tail
from eventlog.memory import MemoryLog, MemoryTail
from eventlog.memoryledger import MemoryLedger, MemoryWriter
from eventlog.memorystore import MemoryStore
from eventlog.progress import Token
from eventlog.projector import Projector
from eventlog.record import Partition, Record
from tests.kit import toy


class SlowLog(MemoryLog):
    """The log as one replica reads it: only while `reading` is set."""

    def __init__(self, shared: MemoryLog) -> None:
        super().__init__()
        self.reading = asyncio.Event()
        self.reading.set()
        self.records = shared.records
        self._grown = shared._grown

    async def tail(self, places: Iterable[Partition]) -> Tail:  # type: ignore[override]  # a tail of another class
        """See `Log.tail`."""
        return SlowTail(self, self._grown, places)


class SlowTail(MemoryTail):
    """See `SlowLog`."""

    async def fetch(self, *, wait: float) -> list[Record]:
        """See `Tail.fetch`."""
        assert isinstance(self._log, SlowLog)
        records = await super().fetch(wait=wait)
        await self._log.reading.wait()
        return records


class SlowLedger(MemoryLedger):
    """The ledger as one replica writes it: only while `writing` is set."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store, toy.PROJECTION)
        self.writing = asyncio.Event()
        self.writing.set()

    def writer(self) -> MemoryWriter:
        """See `Ledger.writer`."""
        return SlowWriter(self)


class SlowWriter(MemoryWriter):
    """See `SlowLedger`."""

    async def write(self, folded: Folded) -> None:
        """See `Writer.write`."""
        assert isinstance(self._ledger, SlowLedger)
        await self._ledger.writing.wait()
        await super().write(folded)


@dataclass
class Replica:
    """One replica of the toy service, and what a test may hold up of it."""

    log: SlowLog
    ledger: SlowLedger
    projector: Projector
    handler: Handler

    async def caught_up(self) -> None:
        """Wait until the views have passed all that the log holds."""
        assert await self.projector.progress.reached(Token(await self.log.ends(self.projector.places)), 10)


@asynccontextmanager
async def replica(log: MemoryLog, store: MemoryStore) -> AsyncIterator[Replica]:
    """Run a replica."""
    slow, ledger, facts = SlowLog(log), SlowLedger(store), toy.PlainFacts()
    projector = Projector(slow, ledger, facts, replica=uuid4().hex[:8])  # type: ignore[arg-type]  # what facts need not have in tests
    handling: Any = facts
    handler = Handler(slow, ledger, projector, handling, [toy.JARS, toy.NAMES], source="/toy")
    async with projector.running():
        yield Replica(slow, ledger, projector, handler)
