"""Exports the log into a folder of segments: the facts onwards from what the folder holds, the keys as a whole each time."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from eventlog.archive.files import ASIDE, LOCK, ArchiveRefused, make_folder
from eventlog.archive.manifest import NAME, Kind, Manifest
from eventlog.archive.segments import Segment, SegmentWriter, check_file, read_segment
from eventlog.log import Log, read
from eventlog.record import Partition, Record

SEGMENT_BYTES = 64 << 20
TELL = 1000  # records between two words about the progress
_NOT_OURS = {LOCK, "lost+found"}  # what may be in a folder that is empty otherwise

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Exported:
    """What an export did: records and segments written, those of them that stand for damaged ones, and offsets without a record."""

    records: int
    segments: int
    mended: int
    gaps: int


class Export:
    """One export into one folder. The caller holds the folder's lock."""

    def __init__(self, folder: Path, kind: Kind, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        """Read what the folder holds, and make it where there is none. Raises ArchiveRefused."""
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._manifest = Manifest.read(folder, kind) or self._begun(kind)
        self._broken: list[Segment] = []
        self._written: list[Segment] = []
        for left in folder.rglob(f"*{ASIDE}"):  # by an export that was killed
            left.unlink()
        if kind is Kind.KEYS:
            self._begin_anew()

    def check(self, progress: Progress) -> int:
        """Compare all segments with their checksums: how many are damaged, and will be written again."""
        segments = self._manifest.segments
        for done, segment in enumerate(segments):
            progress(done, len(segments))
            try:
                check_file(self._folder, segment)
            except ArchiveRefused:
                self._broken.append(segment)
        return len(self._broken)

    async def run(self, log: Log, now: Callable[[], datetime], progress: Progress) -> Exported:
        """Write what is missing up to the log's ends as they stand now. Raises ArchiveRefused, OutcomeUnknown, LogTruncated."""
        moment = now()
        covers = await _ends(log, Kind.FACTS) if self._manifest.kind is Kind.KEYS else {}
        ends = await _ends(log, self._manifest.kind)
        await self._refuse_other_log(log, ends)
        total = sum(ends[place] - self._next(place) for place in ends) + sum(each.records for each in self._broken)

        def tell(records: int) -> None:
            progress(sum(segment.records for segment in self._written) + records, total)

        for broken in self._broken:
            async for segment in self._copied(log, broken.place, broken.first, broken.last + 1, None, tell):
                self._keep(segment, instead_of=broken)
        for place, end in ends.items():
            async for segment in self._copied(log, place, self._next(place), end, self._segment_bytes, tell):
                self._keep(segment)
        self._manifest = replace(self._manifest, finished=moment, ends=ends, covers=covers)
        self._manifest.write(self._folder)
        gaps = sum(segment.last + 1 - segment.first - segment.records for segment in self._written)
        return Exported(sum(segment.records for segment in self._written), len(self._written), len(self._broken), gaps)

    def _begun(self, kind: Kind) -> Manifest:
        make_folder(self._folder)
        found = sorted(path.name for path in self._folder.iterdir() if path.name not in _NOT_OURS and not path.name.endswith(ASIDE))
        if found:
            raise ArchiveRefused(f"{self._folder} holds {found[0]} and no {NAME}, so it is no backup", "name a new folder, or an empty one")
        begun = Manifest(kind)
        begun.write(self._folder)
        return begun

    def _begin_anew(self) -> None:
        """Drop what an interrupted export of keys left: the rest could lack a tombstone that compaction took away meanwhile."""
        if self._manifest.finished:
            raise ArchiveRefused(
                f"{self._folder} holds the keys as of {self._manifest.finished:%Y-%m-%d %H:%M}; nothing is added to a backup of keys, "
                "since keys that were erased would live on in it",
                "name a new folder, and delete the old ones in time",
            )
        for segment in self._manifest.segments:
            (self._folder / segment.name).unlink(missing_ok=True)
        self._manifest = Manifest(Kind.KEYS)
        self._manifest.write(self._folder)

    def _next(self, place: Partition) -> int:
        segments = self._manifest.of(place)
        return segments[-1].last + 1 if segments else 0

    async def _refuse_other_log(self, log: Log, ends: Mapping[Partition, int]) -> None:
        cure = "keep this backup, find out what became of the log, and export into another folder"
        begins = await log.begins(ends)
        for place, end in ends.items():
            following = self._next(place)
            if end < following:
                raise ArchiveRefused(f"{place} ends at offset {end}, but {self._folder} holds it up to {following}: it was truncated", cure)
            needed = min([following, *(segment.first for segment in self._broken if segment.place == place)])
            if self._manifest.kind is Kind.FACTS and begins[place] > needed:
                raise ArchiveRefused(
                    f"{place} begins at offset {begins[place]}, but {self._folder} needs it from {needed}: part of the log is gone", cure
                )
            if (kept := self._last_of(place)) and not _alike(kept, await _record_at(log, place, kept.offset)):
                raise ArchiveRefused(f"{place} holds another record at offset {kept.offset} than {self._folder}: it is another log", cure)

    def _last_of(self, place: Partition) -> Record | None:
        """The last record of a partition that the backup holds whole."""
        for segment in reversed(self._manifest.of(place)):
            if segment not in self._broken and segment.records:
                *_, last = read_segment(self._folder, segment)
                return last
        return None

    async def _copied(
        self, log: Log, place: Partition, start: int, end: int, most: int | None, tell: Callable[[int], None]
    ) -> AsyncIterator[Segment]:
        """Write a range of offsets as segments, each given once it is on the disk."""
        if start >= end:
            return
        writer, count = SegmentWriter(self._folder, place, start), 0
        try:
            async with aclosing(read(log, {place: start})) as records:
                async for record in records:
                    if record.offset >= end:
                        break
                    if most is not None and count and writer.size >= most:
                        yield writer.finish(record.offset - 1)
                        writer, count = SegmentWriter(self._folder, place, record.offset), 0
                    writer.add(record)
                    count += 1
                    if count % TELL == 0:
                        tell(count)
            yield writer.finish(end - 1)
        finally:
            writer.discard()

    def _keep(self, segment: Segment, *, instead_of: Segment | None = None) -> None:
        self._written.append(segment)
        others = (each for each in self._manifest.segments if each != instead_of)
        self._manifest = replace(self._manifest, segments=(*others, segment))
        self._manifest.write(self._folder)


async def _ends(log: Log, kind: Kind) -> dict[Partition, int]:
    """Where the topics end, asked from the last declared to the first.

    What happens in a topic is caused by what stands in those before it: so no effect is exported without its cause.
    """
    ends: dict[Partition, int] = {}
    for topic in reversed(kind.topics()):
        ends |= await log.ends(topic.places())
    return ends


async def _record_at(log: Log, place: Partition, offset: int) -> Record | None:
    async with aclosing(read(log, {place: offset})) as records:
        async for record in records:
            return record if record.offset == offset else None
    return None


def _alike(one: Record, other: Record | None) -> bool:
    return other is not None and (one.key, one.value, list(one.headers)) == (other.key, other.value, list(other.headers))
