"""Who leads which partition, in memory: the rules of `mongoleases.py`, timed by the event loop's clock, which all replicas share."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from eventlog.ledger import in_turn, share_of
from eventlog.record import Partition


@dataclass(slots=True)
class Lease:
    """Who leads a partition, as which process, and until when on the event loop's clock."""

    holder: str | None = None
    process: object = None
    until: float = 0.0


@dataclass
class Leased:
    """Who leads what: the leases of partitions, and by process those that each holds on itself."""

    places: dict[Partition, Lease] = field(default_factory=dict)
    replicas: dict[object, Lease] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget everything."""
        self.places.clear()
        self.replicas.clear()


class MemoryLeases:
    """See `eventlog.ledger.Leases`. Nothing that a writer leaves open stands in another's way here, so that no writer is noted."""

    def __init__(self, leased: Leased, places: Iterable[Partition], replica: str, term_ms: int) -> None:
        self._leased = leased
        self._places = in_turn(places)
        self._process = object()
        self.replica = replica
        self.term_ms = term_ms
        self.held: frozenset[Partition] = frozenset()
        self.excess: frozenset[Partition] = frozenset()

    async def prepare(self) -> None:
        """See `Leases.prepare`."""
        now = _now()
        for place in self._places:
            self._leased.places.setdefault(place, Lease(until=now))
        for lease in (*self._leased.places.values(), *self._leased.replicas.values()):
            if lease.holder == self.replica and lease.process is not self._process:
                lease.until = now

    async def renew(self, writer: UUID) -> frozenset[Partition]:
        """See `Leases.renew`."""
        del writer
        until = _now() + self.term_ms / 1000
        self._leased.replicas[self._process] = Lease(self.replica, self._process, until)
        share = share_of(len(self._places), sum(self._lives(each) for each in self._leased.replicas.values()))
        leases = {place: self._leased.places[place] for place in self._places if place in self._leased.places}
        mine = [place for place, lease in leases.items() if lease.process is self._process and self._lives(lease)]
        mine += [place for place, lease in leases.items() if not self._lives(lease)][: max(0, share - len(mine))]
        for place in mine:
            self._leased.places[place] = Lease(self.replica, self._process, until)
        mine.sort(key=self._places.index)
        self.held, self.excess = frozenset(mine[:share]), frozenset(mine[share:])
        return self.held

    async def give_back(self) -> None:
        """See `Leases.give_back`."""
        excess, self.excess = self.excess, frozenset()
        self._free(excess)

    async def release(self) -> None:
        """See `Leases.release`."""
        self.held = self.excess = frozenset()
        self._leased.replicas.pop(self._process, None)
        self._free(self._places)

    def _free(self, places: Iterable[Partition]) -> None:
        for place in places:
            lease = self._leased.places.get(place)
            if lease is not None and lease.process is self._process:
                self._leased.places[place] = Lease(until=_now())

    def _lives(self, lease: Lease) -> bool:
        return _now() < lease.until <= _now() + 2 * self.term_ms / 1000


def _now() -> float:
    return asyncio.get_running_loop().time()
