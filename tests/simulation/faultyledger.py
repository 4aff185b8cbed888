"""The ledger in memory, as one process sees it across a network that fails."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID

from pymongo.errors import AutoReconnect

from eventlog.entries import Attempt, AttemptKnown, Parked, Position, PositionLost, Waiting
from eventlog.ledger import Folded, Moved
from eventlog.memoryleases import MemoryLeases
from eventlog.memoryledger import MemoryLedger, MemoryWriter
from eventlog.memorystore import MemoryStore
from eventlog.projection import Doc, Projection
from eventlog.record import Partition
from eventlog.referee import Verdict
from tests.simulation.weather import Landing, Trouble, mongo_fails, transaction_aborts


class FaultyLedger:
    """See `eventlog.ledger.Ledger`."""

    def __init__(
        self, store: MemoryStore, projection: Projection, program: str, trouble: Trouble, later: Callable[[float, Landing], None]
    ) -> None:
        self.projection = projection
        self.program = program
        self.inner = MemoryLedger(store, projection, program=program)
        self.lost = 0  # batches that others were before
        self._trouble = trouble
        self._later = later

    async def _ask(self, method: Callable[..., Any], *args: Any) -> Any:
        return await self._trouble.ask(partial(method, *args), mongo_fails)

    async def prepare(self, places: Iterable[Partition]) -> None:
        """See `Ledger.prepare`."""
        await self._ask(self.inner.prepare, tuple(places))

    async def positions(self) -> dict[Partition, Position]:
        """See `Ledger.positions`."""
        found: dict[Partition, Position] = await self._ask(self.inner.positions)
        return found

    @asynccontextmanager
    async def changes(self) -> AsyncIterator[AsyncIterator[Moved]]:
        """See `Ledger.changes`."""
        await self._trouble.wait()
        async with self.inner.changes() as changes:

            async def moved() -> AsyncIterator[Moved]:
                async for each in changes:
                    await self._trouble.wait()
                    if self._trouble.happens(self._trouble.weather.failing):
                        raise mongo_fails(self._trouble.chance)
                    yield each

            yield moved()

    async def states(self, place: Partition, streams: Iterable[str]) -> dict[str, tuple[Doc | None, int | None]]:
        """See `Ledger.states`."""
        found: dict[str, tuple[Doc | None, int | None]] = await self._ask(self.inner.states, place, tuple(streams))
        return found

    async def attempts(self, place: Partition, attempts: Iterable[str]) -> dict[str, Attempt]:
        """See `Ledger.attempts`."""
        found: dict[str, Attempt] = await self._ask(self.inner.attempts, place, tuple(attempts))
        return found

    async def parked(
        self, streams: Iterable[str] | None = None, *, place: Partition | None = None, beyond: int = -1, most: int = 0
    ) -> list[Parked]:
        """See `Ledger.parked`."""
        asked = None if streams is None else tuple(streams)
        found: list[Parked] = await self._ask(partial(self.inner.parked, asked, place=place, beyond=beyond, most=most))
        return found

    async def waiting(self) -> dict[Partition, Waiting]:
        """See `Ledger.waiting`."""
        found: dict[Partition, Waiting] = await self._ask(self.inner.waiting)
        return found

    async def retry(self, streams: Iterable[str] | None = None) -> int:
        """See `Ledger.retry`."""
        found: int = await self._ask(self.inner.retry, None if streams is None else tuple(streams))
        return found

    async def parked_streams(self, places: Iterable[Partition]) -> dict[Partition, set[str]]:
        """See `Ledger.parked_streams`."""
        asked = tuple(places)
        found: dict[Partition, set[str]] = await self._ask(self.inner.parked_streams, asked) if asked else {}
        return found

    async def versions(self, streams: list[str]) -> dict[str, int]:
        """See `Ledger.versions`."""
        found: dict[str, int] = await self._ask(self.inner.versions, streams)
        return found

    async def decided(self, attempts: list[str]) -> set[str]:
        """See `Ledger.decided`."""
        found: set[str] = await self._ask(self.inner.decided, attempts)
        return found

    async def voids(self, offsets: list[str]) -> dict[tuple[Partition, int], Verdict]:
        """See `Ledger.voids`."""
        found: dict[tuple[Partition, int], Verdict] = await self._ask(self.inner.voids, offsets)
        return found

    async def documents(self, view: str, ids: list[str]) -> dict[str, Doc]:
        """See `Ledger.documents`."""
        found: dict[str, Doc] = await self._ask(self.inner.documents, view, ids)
        return found

    def writer(self) -> "FaultyWriter":
        """See `Ledger.writer`."""
        return FaultyWriter(self, self.inner.writer(), self._trouble, self._later)

    def leases(self, places: Iterable[Partition], replica: str, term_ms: int) -> "FaultyLeases":
        """See `Ledger.leases`."""
        return FaultyLeases(self.inner.leases(places, replica, term_ms), self._trouble, frozenset(places))


class FaultyWriter:
    """See `eventlog.ledger.Writer`. A commit that is not acknowledged may have happened, may happen later, or never does."""

    def __init__(self, ledger: FaultyLedger, inner: MemoryWriter, trouble: Trouble, later: Callable[[float, Landing], None]) -> None:
        self.id: UUID = inner.id
        self._ledger = ledger
        self._inner = inner
        self._trouble = trouble
        self._later = later

    async def write(self, folded: Folded) -> None:
        """See `Writer.write`."""
        trouble, chance = self._trouble, self._trouble.chance
        await trouble.wait()
        if trouble.happens(trouble.weather.losing):
            match chance.choice(["aborts", "commits", "commits later"]):
                case "aborts":
                    raise transaction_aborts(chance)
                case "commits":
                    await self._write(folded)
                case _:
                    self._later(chance.choice([0.01, 1.0, 5.0]), lambda: self._commit_late(folded))
            raise AutoReconnect("connection closed", {"errorLabels": ["UnknownTransactionCommitResult"]})
        await self._write(folded)
        await trouble.wait()

    async def _write(self, folded: Folded) -> None:
        try:
            await self._inner.write(folded)
        except AttemptKnown:
            raise  # a repeat, mostly: the ledger is asked, and the batch judged again
        except PositionLost:
            self._ledger.lost += 1
            raise

    def _commit_late(self, folded: Folded) -> None:
        """What nobody waits for any more: it is committed, or refused by what was committed meanwhile."""
        writing = self._inner.write(folded)
        try:
            writing.send(None)
        except (StopIteration, PositionLost):
            return
        finally:
            writing.close()

    async def close(self) -> None:
        """See `Writer.close`."""
        await self._trouble.wait()


class FaultyLeases:
    """See `eventlog.ledger.Leases`. What it says is as old as the answer was under way, and sometimes mad."""

    def __init__(self, inner: MemoryLeases, trouble: Trouble, places: frozenset[Partition]) -> None:
        self.term_ms = inner.term_ms
        self.held: frozenset[Partition] = frozenset()
        self.judging: frozenset[Partition] = frozenset()
        self.excess: frozenset[Partition] = frozenset()
        self.short = True
        self._inner = inner
        self._trouble = trouble
        self._places = places
        self._turn = asyncio.Lock()

    async def prepare(self) -> None:
        """See `Leases.prepare`."""
        await self._trouble.ask(self._inner.prepare, mongo_fails)

    async def renew(self, writer: UUID, judging: Iterable[Partition] = ()) -> frozenset[Partition]:
        """See `Leases.renew`."""

        async def renew() -> tuple[frozenset[Partition], frozenset[Partition], frozenset[Partition]]:
            return await self._inner.renew(writer, wanted), self._inner.judging, self._inner.excess

        wanted = tuple(judging)
        async with self._turn:
            held = await self._trouble.ask(renew, mongo_fails)
            self.short = self._inner.short
            if self._trouble.happens(self._trouble.weather.mad):
                held = self._places, self._places, frozenset()
            self.held, self.judging, self.excess = held
        return self.held

    async def give_back(self) -> None:
        """See `Leases.give_back`."""
        self.excess = frozenset()
        await self._trouble.ask(self._inner.give_back, mongo_fails)

    async def release(self) -> None:
        """See `Leases.release`."""
        self.held = self.judging = self.excess = frozenset()
        await self._trouble.ask(self._inner.release, mongo_fails)
