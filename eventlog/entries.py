"""What a ledger holds about the log: how far it was read, what became of an attempt, and what waits."""

from dataclasses import dataclass, replace

from eventlog.record import Partition, Record

WAITS = "it waits for an earlier record of its stream"
_IDENTITY = 64  # characters: a UUID has 36, and what is longer was written by no writer of ours


class PositionLost(Exception):
    """Another process moved a position: the batch is discarded, and whatever was cached with it."""


class AttemptKnown(PositionLost):
    """An attempt of the batch was decided before, by this ledger or meanwhile by another process: the ledger has to be asked which."""


class PositionsGone(Exception):
    """The database that held the positions was dropped: only a process that starts anew rebuilds what was in it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}: the database was dropped; starting anew rebuilds the views from the log")


@dataclass(frozen=True, slots=True)
class Position:
    """How far a partition was judged, and its views were fed.

    `next` is the offset after the last judged record, `last` that record's identity (to recognise the log by; "" where something else
    than a record stands there), `fed` the same offset for the views of this program's projection version, `parked` the offset of the
    first parked record, `cured` how often parked records were tried again: who began before that begins anew.
    """

    place: Partition
    next: int = 0
    last: str = ""
    fed: int = 0
    parked: int | None = None
    cured: int = 0

    def after(self, last: Record, parked: "Parked | None" = None) -> "Position":
        """Where it stands after some records of its partition, the first of which comes right after what the views were fed.

        `last` is the last of them, `parked` the first of them that was parked.
        """
        judged = max(self.next, last.offset + 1)
        return replace(
            self,
            next=judged,
            last=identity(last) if last.offset + 1 == judged else self.last,
            fed=last.offset + 1,
            parked=parked.offset if self.parked is None and parked is not None else self.parked,
        )

    def past(self, offset: int) -> "Position":
        """Where it stands when nothing but what is no record comes before `offset`: the markers of somebody's transaction."""
        return replace(self, next=offset, last="", fed=offset) if offset > self.next else replace(self, fed=offset)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was decided of an attempt. `request` is the keyed hash of what was asked, `closed` whether it only closed its command."""

    accepted: bool
    offset: int
    request: str
    closed: bool


@dataclass(frozen=True, slots=True)
class Parked:
    """A record that waits: for a cure of itself (`cause`), or for an earlier record of one of its streams (WAITS).

    `program` is the one that tried it last; None: it is to be tried again, whichever that was.
    """

    place: Partition
    offset: int
    streams: tuple[str, ...]
    cause: str
    time: int
    program: str | None = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many records of a partition are parked, and whether this program has not tried one of them."""

    records: int
    untried: bool


def identity(record: Record) -> str:
    """What a record is recognised by: its attempt id."""
    return record.text("ce_id")[:_IDENTITY]
