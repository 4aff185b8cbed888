"""What the engine asks of a store of verdicts, positions and views: a port so narrow that dictionaries keep the same promises.

`mongoledger.py` keeps them in MongoDB, `memoryledger.py` in memory. All that a ledger holds may be dropped and is rebuilt from the log.
"""

from collections.abc import AsyncIterator, Container, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from eventlog.documents import Encoded
from eventlog.entries import Attempt, Parked, Position, Waiting
from eventlog.judging import Judged
from eventlog.projection import Doc, Key, Projection
from eventlog.record import Partition
from eventlog.referee import Verdict


@dataclass(frozen=True, slots=True)
class Folded:
    """What follows from a batch: `versions` of all streams that it names, and `absent`, the documents that were not there before it.

    `parked` may hold records that were parked before: why, and by which program, is said anew. `freed` were parked, and are no more: what
    is parked behind them, of one of their streams and after all that is named here, is to be tried again.
    """

    judged: Judged
    versions: Mapping[str, int]
    written: dict[Key, Encoded | None]
    absent: Container[Key]
    parked: list[Parked]
    moves: dict[Partition, tuple[Position, Position]]
    freed: list[Parked] = field(default_factory=list)


class Writer(Protocol):
    """One leader's way to write. `id` names it, so that a later leader can put an end to what it left open."""

    id: UUID

    async def write(self, folded: Folded) -> None:
        """Write all that follows from a batch, or nothing. Raises AttemptKnown, PositionLost where a position moved, pymongo's errors.

        A position moved if it is not the one that the batch began from. How far a partition was judged counts only where the batch judged.
        """

    async def close(self) -> None:
        """Write no more."""


def share_of(places: int, live: int) -> int:
    """How many partitions a replica leads at most, of so many that live."""
    return -(-places // max(live, 1))


def is_short(held: int, places: int, live: int) -> bool:
    """Whether a replica that leads so many partitions may expect more."""
    return held < places // max(live, 1)


def in_turn(places: Iterable[Partition]) -> list[Partition]:
    """Partitions in the order in which they are shared out: one of each topic, then the next of each, for topics are not equally busy."""
    return sorted(places, key=lambda place: (place.number, place.topic))


class Leases(Protocol):
    """Who leads which partition, as one replica sees it. They save work; they keep no truth.

    `held` are the partitions from which it feeds its version of the views; `judging` are those of them that it judges for the ledger too:
    where several versions are fed, the replicas of one do. The living replicas of a version share the partitions: nobody leads more than an
    equal share, rounded up. `excess` is what a replica had beyond it when more of them came: not to be led any more, and to be given back
    once nothing of it is under way. `short` says that it leads less than an equal share, rounded down: it does well to look again soon, for
    what others give back or can not hold any more stands still until it is taken.
    """

    term_ms: int
    held: frozenset[Partition]
    judging: frozenset[Partition]
    excess: frozenset[Partition]
    short: bool

    async def prepare(self) -> None:
        """Make what is missing, and end the leases of an earlier process of this replica."""

    async def renew(self, writer: UUID, judging: Iterable[Partition] = ()) -> frozenset[Partition]:
        """Renew what is held, take what is free up to a share; what is held now. `writer` is the id of the writer that will write.

        `judging`: what is to be judged too, if nobody else judges it.
        """

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
    program: str  # that folds here: what it parks says so, and what another has parked it tries again

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

    async def parked(
        self, streams: Iterable[str] | None = None, *, place: Partition | None = None, beyond: int = -1, most: int = 0
    ) -> list[Parked]:
        """What is parked, in the log's order. With `streams`, only what concerns one of them.

        With `place`, only what is parked in it after the offset `beyond`. `most`: no more than so many, 0: all.
        """

    async def waiting(self) -> dict[Partition, Waiting]:
        """How much is parked, partition by partition."""

    async def retry(self, streams: Iterable[str] | None = None) -> int:
        """Ask that what is parked of some streams, or of all, be tried again by whoever leads; how many records that are."""

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
