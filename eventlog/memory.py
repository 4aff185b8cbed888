"""The log in memory: the promises of `log.py` without a broker, for tests of everything above it."""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from eventlog.log import FETCH_RECORDS, LogTruncated, TooLarge
from eventlog.record import Entry, Headers, Partition, Record
from eventlog.topics import MAX_MESSAGE_BYTES


class MemoryLog:
    """See `eventlog.log.Log`."""

    def __init__(self) -> None:
        self.records: dict[Partition, list[Record]] = defaultdict(list)
        self._grown = asyncio.Condition()

    async def append(self, place: Partition, key: bytes, value: bytes | None, headers: Headers) -> int:
        """See `Log.append`."""
        return await self.append_all(place, [Entry(key, value, headers)])

    async def append_all(self, place: Partition, entries: Sequence[Entry]) -> int:
        """See `archive.restoring.Fillable`."""
        if any(entry.size > MAX_MESSAGE_BYTES for entry in entries):
            raise TooLarge("the record is larger than the log takes")
        async with self._grown:
            records = self.records[place]
            first = len(records)
            for offset, (key, value, headers) in enumerate(entries, first):
                records.append(Record(place, offset, int(time.time() * 1000), key, value, tuple(headers)))
            self._grown.notify_all()
        return first

    async def tail(self, places: Iterable[Partition]) -> "MemoryTail":
        """See `Log.tail`."""
        return MemoryTail(self, self._grown, places)

    async def ends(self, places: Iterable[Partition]) -> Mapping[Partition, int]:
        """See `Log.ends`."""
        return {place: len(self.records[place]) for place in places}

    async def begins(self, places: Iterable[Partition]) -> Mapping[Partition, int]:
        """See `Log.begins`."""
        return dict.fromkeys(places, 0)

    async def since(self, places: Iterable[Partition], moment: datetime) -> Mapping[Partition, int]:
        """See `Log.since`."""
        asked = int(moment.timestamp() * 1000)
        return {place: next((r.offset for r in self.records[place] if r.time >= asked), len(self.records[place])) for place in places}


class MemoryTail:
    """See `eventlog.log.Tail`."""

    def __init__(self, log: MemoryLog, grown: asyncio.Condition, places: Iterable[Partition]) -> None:
        self._log = log
        self._grown = grown
        self._places = frozenset(places)
        self._next: dict[Partition, int] = {}

    def follow(self, place: Partition, offset: int) -> None:
        """See `Tail.follow`."""
        if place not in self._places:
            raise KeyError(place)
        self._next[place] = offset

    def leave(self, place: Partition) -> None:
        """See `Tail.leave`."""
        self._next.pop(place, None)

    async def fetch(self, *, wait: float) -> list[Record]:
        """See `Tail.fetch`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait), self._grown:
                await self._grown.wait_for(self._has_more)
        found: list[Record] = []
        for place, offset in self._next.items():
            records = self._log.records[place]
            if offset > len(records):
                raise LogTruncated(f"{place} ends at {len(records)}, before {offset}")
            taken = records[offset : offset + FETCH_RECORDS - len(found)]
            self._next[place] += len(taken)
            found += taken
        return found

    async def position(self, place: Partition) -> int:
        """See `Tail.position`."""
        return self._next[place]

    async def close(self) -> None:
        """See `Tail.close`."""
        self._next.clear()

    def _has_more(self) -> bool:
        return any(offset != len(self._log.records[place]) for place, offset in self._next.items())
