"""Who leads which partition, in memory: the rules of `mongoleases.py`, timed by the event loop's clock, which all replicas share."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from eventlog.ledger import in_turn, is_short, share_of
from eventlog.record import Partition


@dataclass(slots=True)
class Lease:
    """Who leads a partition, as which process, and until when on the event loop's clock."""

    holder: str | None = None
    process: object = None
    until: float = 0.0


@dataclass
class Leased:
    """Who leads what: the leases of partitions, by the names that they have in MongoDB; and by version and process those on itself."""

    places: dict[str, Lease] = field(default_factory=dict)
    replicas: dict[tuple[str, object], Lease] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget everything."""
        self.places.clear()
        self.replicas.clear()


class MemoryLeases:
    """See `eventlog.ledger.Leases`. Nothing that a writer leaves open stands in another's way here, so that no writer is noted."""

    def __init__(self, leased: Leased, label: str, places: Iterable[Partition], replica: str, term_ms: int) -> None:
        self._leased = leased
        self._label = label
        self._places = {f"{place} {label}": place for place in in_turn(places)}
        self._judged = {str(place): place for place in self._places.values()}
        self._process = object()
        self.replica = replica
        self.term_ms = term_ms
        self.held: frozenset[Partition] = frozenset()
        self.judging: frozenset[Partition] = frozenset()
        self.excess: frozenset[Partition] = frozenset()
        self.short = True

    async def prepare(self) -> None:
        """See `Leases.prepare`."""
        now = _now()
        for name in (*self._places, *self._judged):
            self._leased.places.setdefault(name, Lease(until=now))
        earlier = (self._leased.places[name] for name in self._places)
        killed = {lease.process for lease in earlier if lease.holder == self.replica and lease.process is not self._process}
        for lease in (*self._leased.places.values(), *self._leased.replicas.values()):
            if lease.process in killed:
                lease.until = now

    async def renew(self, writer: UUID, judging: Iterable[Partition] = ()) -> frozenset[Partition]:
        """See `Leases.renew`."""
        del writer
        wanted = {str(place) for place in judging}
        self._free(str(place) for place in self.judging if str(place) not in wanted)
        until = _now() + self.term_ms / 1000
        self._leased.replicas[self._label, self._process] = Lease(self.replica, self._process, until)
        live = sum(self._lives(lease) for (label, _), lease in self._leased.replicas.items() if label == self._label)
        share = share_of(len(self._places), live)
        mine = [name for name in self._places if self._is_mine(name)]
        mine += [name for name in self._places if self._is_free(name)][: max(0, share - len(mine))]
        judged = [name for name in wanted if self._is_mine(name) or self._is_free(name)]
        for name in (*mine, *judged):
            self._leased.places[name] = Lease(self.replica, self._process, until)
        held = [place for name, place in self._places.items() if name in mine]
        self.short = is_short(len(held), len(self._places), live)
        self.held, self.excess = frozenset(held[:share]), frozenset(held[share:])
        self.judging = frozenset(self._judged[name] for name in judged) & self.held
        self._free(
            name for name in judged if self._judged[name] not in self.held | self.excess
        )  # what is not fed here is another's to judge
        return self.held

    async def give_back(self) -> None:
        """See `Leases.give_back`."""
        excess, self.excess = self.excess, frozenset()
        self._free(name for name, place in (*self._places.items(), *self._judged.items()) if place in excess)

    async def release(self) -> None:
        """See `Leases.release`."""
        self.held = self.judging = self.excess = frozenset()
        self._leased.replicas.pop((self._label, self._process), None)
        self._free((*self._places, *self._judged))

    def _free(self, names: Iterable[str]) -> None:
        for name in names:
            lease = self._leased.places.get(name)
            if lease is not None and lease.process is self._process:
                self._leased.places[name] = Lease(until=_now())

    def _is_mine(self, name: str) -> bool:
        lease = self._leased.places.get(name)
        return lease is not None and lease.process is self._process and self._lives(lease)

    def _is_free(self, name: str) -> bool:
        lease = self._leased.places.get(name)
        return lease is not None and not self._lives(lease)

    def _lives(self, lease: Lease) -> bool:
        return _now() < lease.until <= _now() + 2 * self.term_ms / 1000


def _now() -> float:
    return asyncio.get_running_loop().time()
