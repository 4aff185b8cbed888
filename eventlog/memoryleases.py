"""Who leads which partition, in memory: the rules of `mongoleases.py`, timed by the event loop's clock, which all replicas share."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from eventlog.record import Partition


@dataclass(slots=True)
class Lease:
    """Who leads a partition, as which process, and until when on the event loop's clock."""

    holder: str | None = None
    process: object = None
    until: float = 0.0


class MemoryLeases:
    """See `eventlog.ledger.Leases`. Nothing that a writer leaves open stands in another's way here, so that no writer is noted."""

    def __init__(self, leases: dict[Partition, Lease], places: Iterable[Partition], replica: str, term_ms: int) -> None:
        self._leases = leases
        self._places = tuple(places)
        self._process = object()
        self.replica = replica
        self.term_ms = term_ms
        self.held: frozenset[Partition] = frozenset()

    async def prepare(self) -> None:
        """See `Leases.prepare`."""
        now = _now()
        for place in self._places:
            lease = self._leases.setdefault(place, Lease(until=now))
            if lease.holder == self.replica and lease.process is not self._process:
                lease.until = now

    async def renew(self, writer: UUID) -> frozenset[Partition]:
        """See `Leases.renew`."""
        del writer
        now, term = _now(), self.term_ms / 1000
        held: set[Partition] = set()
        for place in self._places:
            lease = self._leases.get(place)
            if lease is not None and (lease.process is self._process or not now < lease.until <= now + 2 * term):
                lease.holder, lease.process, lease.until = self.replica, self._process, now + term
                held.add(place)
        self.held = frozenset(held)
        return self.held

    async def release(self) -> None:
        """See `Leases.release`."""
        self.held = frozenset()
        for place in self._places:
            lease = self._leases.get(place)
            if lease is not None and lease.process is self._process:
                self._leases[place] = Lease(until=_now())


def _now() -> float:
    return asyncio.get_running_loop().time()
