"""Backups of logs in memory, and logs that go wrong as real ones do."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from eventlog.archive.exporting import Export, Exported
from eventlog.archive.manifest import Kind
from eventlog.archive.restoring import Backup, compare, restore
from eventlog.log import Log, OutcomeUnknown
from eventlog.memory import MemoryLog, MemoryTail
from eventlog.record import Entry, Partition, Record

HERE, THERE = Partition("posts", 3), Partition("posts", 4)
ACCOUNTS, COMMENTS = Partition("accounts", 0), Partition("comments", 7)
KEYS = Partition("keys", 0)
NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


def quiet(_done: int, _total: int) -> None:
    """Nobody looks at the progress."""


async def export(log: Log, folder: Path, kind: Kind = Kind.FACTS, *, segment_bytes: int = 1 << 20) -> Exported:
    """Export as the command does."""
    made = Export(folder, kind, segment_bytes=segment_bytes)
    made.check(quiet)
    return await made.run(log, lambda: NOW, quiet)


async def imported(folder: Path, kind: Kind = Kind.FACTS, into: MemoryLog | None = None) -> MemoryLog:
    """Import as the command does; the log that it fills."""
    log = into if into is not None else MemoryLog()
    backup = Backup(folder, kind)
    backup.check(quiet)
    await restore(log, backup, await compare(log, backup, quiet), quiet)
    return log


async def fill(log: MemoryLog, place: Partition, *names: str) -> None:
    """Append a record for each name."""
    for name in names:
        await log.append(place, b"key", name.encode(), [("ce_id", name.encode())])


def values(log: MemoryLog, place: Partition) -> list[bytes | None]:
    """What a partition holds."""
    return [record.value for record in log.records[place]]


def entries(log: MemoryLog) -> dict[Partition, list[Entry]]:
    """All that a log holds, but for what a broker adds."""
    return {
        place: [Entry(record.key, record.value, list(record.headers)) for record in records]
        for place, records in log.records.items()
        if records
    }


class Compacted(MemoryLog):
    """A log that some records were taken from."""

    def __init__(self) -> None:
        super().__init__()
        self.gone: set[tuple[Partition, int]] = set()

    async def tail(self, places: object) -> "MemoryTail":
        """See `Log.tail`."""
        return _CompactedTail(self, self._grown, places)  # type: ignore[arg-type]  # partitions


class _CompactedTail(MemoryTail):
    async def fetch(self, *, wait: float) -> list[Record]:
        log = self._log
        assert isinstance(log, Compacted)
        return [record for record in await super().fetch(wait=wait) if (record.place, record.offset) not in log.gone]


class Failing(MemoryLog):
    """A log that stops answering after so many appends or looks at where it ends."""

    def __init__(self, *, appends: int = 1 << 30, ends: int = 1 << 30) -> None:
        super().__init__()
        self.appends = appends
        self.looks = ends

    async def append_all(self, place: Partition, entries: Sequence[Entry]) -> int:
        """See `Fillable`."""
        self.appends -= 1
        if self.appends < 0:
            raise OutcomeUnknown("the broker is gone")
        return await super().append_all(place, entries)

    async def ends(self, places: object) -> Mapping[Partition, int]:
        """See `Log.ends`."""
        self.looks -= 1
        if self.looks < 0:
            raise OutcomeUnknown("the broker is gone")
        return await super().ends(places)  # type: ignore[arg-type]  # partitions
