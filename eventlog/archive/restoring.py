"""Appends a backup to empty topics: every record at the offset that it had, since positions, tokens and attempts remember offsets."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from itertools import islice
from pathlib import Path
from typing import Protocol

from eventlog.archive.exporting import Progress
from eventlog.archive.files import ArchiveRefused
from eventlog.archive.manifest import Kind, Manifest
from eventlog.archive.segments import Segment, check_file, read_segment
from eventlog.log import Log, read
from eventlog.record import Entry, Partition, Record

# Stands where the log that was exported had no record: after a compaction, or for the marker of a transaction. It keeps the offsets of
# those that follow. The referee voids it, it is no key, and compaction takes it away again.
FILLER = Entry(b"filler", None, ())

BATCH_BYTES = 128 << 10
BATCH_RECORDS = 1000
_ROOM = 128  # bytes that a record takes beside what it holds, generously
_ELSEWHERE = (
    "import into topics that nothing was ever written to: in a new INKSTREAM_HOME with a copy of secrets.json, "
    "or, on a Kafka of your own, into topics that were deleted and made anew by `inkctl topics ensure`"
)


class Fillable(Log, Protocol):
    """A log that takes many records at once."""

    async def append_all(self, place: Partition, entries: Sequence[Entry]) -> int:
        """Append one record of any size, or more that fit into 128 KiB: all or none, side by side; the offset of the first, or -1.

        Raises OutcomeUnknown or TooLarge.
        """


class Backup:
    """A folder that an export has finished, up to where the last one that finished began."""

    def __init__(self, folder: Path, kind: Kind) -> None:
        """Read its manifest. Raises ArchiveRefused."""
        manifest = Manifest.read(folder, kind)
        if manifest is None:
            raise ArchiveRefused(f"{folder} holds no backup of {kind}", "name the folder that `inkctl log export` wrote")
        if manifest.finished is None:
            raise ArchiveRefused(f"no export into {folder} has ever finished", "run `inkctl log export` again, or use another backup")
        self.folder = folder
        self.kind = kind
        self.finished = manifest.finished
        self.ends = manifest.ends
        self.covers = manifest.covers
        self._segments = {place: [each for each in manifest.of(place) if each.first < end] for place, end in self.ends.items()}

    @property
    def segments(self) -> list[Segment]:
        """All segments, partition by partition."""
        return [segment for segments in self._segments.values() for segment in segments]

    def check(self, progress: Progress, see: Callable[[Record], None] = lambda _: None) -> int:
        """Compare every segment with its checksum, and read all of it; how many records there are. Raises ArchiveRefused."""
        done, total = 0, sum(segment.records for segment in self.segments)
        for segment in self.segments:
            check_file(self.folder, segment)
            for record in read_segment(self.folder, segment):
                see(record)
            done += segment.records
            progress(done, total)
        return done

    def entries(self, place: Partition, start: int) -> Iterator[Entry]:
        """What has to stand at each offset of a partition, from one on."""
        following = start
        for segment in self._segments[place]:
            if segment.last < start:
                continue
            for record in read_segment(self.folder, segment):
                if record.offset >= following:
                    yield from (FILLER for _ in range(following, record.offset))
                    yield Entry(record.key, record.value, record.headers)
                    following = record.offset + 1
            yield from (FILLER for _ in range(following, segment.last + 1))
            following = segment.last + 1


def uncovered(facts: Backup, keys: Backup) -> dict[Partition, int]:
    """The partitions of facts that reach beyond the keys, with the offset from which on facts may name keys that are not there.

    A key is acknowledged before any fact names it. So whoever reads the ends of the facts before the keys has all keys up to there.
    """
    return {place: keys.covers.get(place, 0) for place, end in facts.ends.items() if end > keys.covers.get(place, 0)}


async def compare(log: Log, backup: Backup, progress: Progress) -> Mapping[Partition, int]:
    """Where each partition of the log ends, all of it being what the backup begins with: empty, or left by an import that was interrupted.

    Raises ArchiveRefused for anything else, OutcomeUnknown and LogTruncated.
    """
    ends = await log.ends(backup.ends)
    done, total = 0, sum(ends.values())
    for place, end in ends.items():
        if end > backup.ends[place]:
            raise ArchiveRefused(
                f"{place} ends at offset {end}, the backup of it at {backup.ends[place]}: it holds something else", _ELSEWHERE
            )
        if end:
            await _compare(log, backup, place, end)
        progress(done := done + end, total)
    return ends


async def _compare(log: Log, backup: Backup, place: Partition, end: int) -> None:
    expected = backup.entries(place, 0)
    following = 0
    async with aclosing(read(log, {place: 0})) as records:
        async for record in records:
            if record.offset >= end:
                break
            if backup.kind is Kind.FACTS and record.offset != following:
                break
            entry = next(islice(expected, record.offset - following, None))
            following = record.offset + 1
            if (record.key, record.value, list(record.headers)) != (entry.key, entry.value, list(entry.headers)):
                named = record.text("ce_id") or "without an id"
                raise ArchiveRefused(
                    f"{place} is not empty: its record at offset {record.offset} ({named}) is not the backup's", _ELSEWHERE
                )
    if backup.kind is Kind.FACTS and following < end:
        raise ArchiveRefused(f"{place} is not empty, and has no record at offset {following}: it was written to before", _ELSEWHERE)


async def restore(log: Fillable, backup: Backup, starts: Mapping[Partition, int], progress: Progress) -> int:
    """Append what is missing, from the offsets that `compare` gave; how many records were appended.

    Nobody else may write to these topics. Raises ArchiveRefused where somebody did, OutcomeUnknown and TooLarge.
    """
    done, total = 0, sum(backup.ends[place] - start for place, start in starts.items())
    for place, start in starts.items():
        following = start
        for batch in _batches(backup.entries(place, start)):
            offset = await log.append_all(place, batch)
            if offset < 0:  # the broker did not say
                offset = (await log.ends([place]))[place] - len(batch)
            if offset != following:
                raise ArchiveRefused(
                    f"{place} got a record at offset {offset} where {following} follows: somebody else writes to it", _ELSEWHERE
                )
            following += len(batch)
            done += len(batch)
            progress(done, total)
    return done


def _batches(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    """Entries by so many as fit into one request."""
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        room = entry.size + _ROOM
        if batch and (size + room > BATCH_BYTES or len(batch) == BATCH_RECORDS):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += room
    if batch:
        yield batch
