"""What the engine asks of a store of verdicts, positions and views: a port so narrow that dictionaries keep the same promises.

`mongoledger.py` keeps them in MongoDB, `memoryledger.py` in memory. All that a ledger holds may be dropped and is rebuilt from the log.
"""

from collections.abc import AsyncIterator, Container, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from eventlog.documents import Encoded
from eventlog.entries import Attempt, Parked, Position
from eventlog.judging import Judged
from eventlog.projection import Doc, Key, Projection
from eventlog.record import Partition
from eventlog.referee import Verdict


@dataclass(frozen=True, slots=True)
class Folded:
    """What follows from a batch: `versions` of all streams that it names, and `absent`, the documents that were not there before it."""

    judged: Judged
    versions: Mapping[str, int]
    written: dict[Key, Encoded | None]
    absent: Container[Key]
    parked: list[Parked]
    moves: dict[Partition, tuple[Position, Position]]


class Writer(Protocol):
    """One leader's way to write. `id` names it, so that a later leader can put an end to what it left open."""

    id: UUID

    async def write(self, folded: Folded) -> None:
        """Write all that follows from a batch, or nothing. Raises AttemptKnown, PositionLost where a position moved, pymongo's errors."""

    async def close(self) -> None:
        """Write no more."""


def share_of(places: int, live: int) -> int:
    """How many partitions a replica leads at most, of so many that live."""
    return -(-places // max(live, 1))


def in_turn(places: Iterable[Partition]) -> list[Partition]:
    """Partitions in the order in which they are shared out: one of each topic, then the next of each, for topics are not equally busy."""
    return sorted(places, key=lambda place: (place.number, place.topic))


class Leases(Protocol):
    """Who leads which partition, as one replica sees it: `held` is what it leads. They save work; they keep no truth.

    Those who live share the partitions: nobody leads more than an equal share, rounded up. `excess` is what a replica had beyond it when
    more of them came: not to be led any more, and to be given back once nothing of it is under way.
    """

    term_ms: int
    held: frozenset[Partition]
    excess: frozenset[Partition]

    async def prepare(self) -> None:
        """Make what is missing, and end the leases of an earlier process of this replica."""

    async def renew(self, writer: UUID) -> frozenset[Partition]:
        """Renew what is held, take what is free up to a share; what is held now. `writer` is the id of the writer that will write."""

    async def give_back(self) -> None:
        """Give the excess back, for others to take at once."""

    async def release(self) -> None:
        """Give back what is held, so that another replica need not wait for a term to end."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A position was moved: how far the views of this projection version are now.

    `parked` is the offset of the first parked record; with `same` it is what it was.
    """

    place: Partition
    fed: int
    parked: int | None = None
    same: bool = False


class Ledger(Protocol):
    """The ledger, positions and views of one service. Each reading method raises pymongo's errors where the store does not answer."""

    projection: Projection

    async def prepare(self, places: Iterable[Partition]) -> None:
        """Make what is missing: collections, indexes, and a position for every partition that has none."""

    async def positions(self) -> dict[Partition, Position]:
        """All positions. A partition that a dropped database took away is missing."""

    def changes(self) -> AbstractAsyncContextManager[AsyncIterator[Moved]]:
        """The moves of positions from now on. Raises PositionsGone where they went away."""

    async def states(self, place: Partition, streams: Iterable[str]) -> dict[str, tuple[Doc | None, int | None]]:
        """The documents that decide some streams of one partition, each with its version (None where nothing happened yet).

        With each comes the offset that the views stood at when it was read; None where something of the partition was parked then, so
        that the document may lack what has happened to its stream.
        """

    async def attempts(self, place: Partition, attempts: Iterable[str]) -> dict[str, Attempt]:
        """What was decided of some attempts; those of which nothing is decided are missing."""

    async def parked(self, streams: Iterable[str] | None = None) -> list[Parked]:
        """What is parked, in the log's order; with `streams`, only what concerns one of them."""

    async def parked_streams(self, places: Iterable[Partition]) -> dict[Partition, set[str]]:
        """The streams that wait, partition by partition."""

    async def versions(self, streams: list[str]) -> dict[str, int]:
        """The versions of some streams, by their names with their partitions; those of which nothing happened are missing."""

    async def decided(self, attempts: list[str]) -> set[str]:
        """Which of some attempts, by their names with their partitions, are decided."""

    async def voids(self, offsets: list[str]) -> dict[tuple[Partition, int], Verdict]:
        """The verdicts of those records, by their offsets with their partitions, that are void."""

    async def documents(self, view: str, ids: list[str]) -> dict[str, Doc]:
        """Some documents of a view; those that are not there are missing."""

    def writer(self) -> Writer:
        """Begin to write."""

    def leases(self, places: Iterable[Partition], replica: str, term_ms: int) -> Leases:
        """The leases of some partitions, for one replica. `term_ms`: how long one lasts without renewal."""


def scoped(place: Partition, name: str) -> str:
    """The name of a stream, attempt or offset with the partition that it belongs to."""
    return f"{place}/{name}"
