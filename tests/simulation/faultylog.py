"""The log in memory, as one process sees it across a network that fails."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial

from eventlog.log import LogTruncated, OutcomeUnknown
from eventlog.memory import MemoryLog
from eventlog.record import Headers, Partition, Record
from tests.simulation.weather import DAYS, Landing, Trouble, kafka_fails, offsets_fail, wake


class SharedLog:
    """The log that all processes share, and what is under way to it. `late` are records that have not landed yet."""

    def __init__(self, later: Callable[[float, Landing], None]) -> None:
        self.memory = MemoryLog()
        self.late: list[Landing] = []
        self.waiting: list[asyncio.Future[None]] = []
        self._later = later

    def land(self, place: Partition, key: bytes, value: bytes | None, headers: Headers) -> int:
        """Append now."""
        records = self.memory.records[place]
        records.append(Record(place, len(records), len(records), key, value, tuple(headers)))
        waiting, self.waiting = self.waiting, []
        for waiter in waiting:
            wake(waiter)
        return len(records) - 1

    def land_later(self, seconds: float, landing: Landing) -> None:
        """Append after some time, or when the world has healed, if that is sooner; whoever sent it may be gone by then."""
        self.late.append(landing)
        self._later(seconds, lambda: self._land(landing))

    def land_all(self) -> None:
        """Append what is still under way."""
        for landing in list(self.late):
            self._land(landing)

    def _land(self, landing: Landing) -> None:
        if landing in self.late:
            self.late.remove(landing)
            landing()

    def ends(self, places: Iterable[Partition]) -> dict[Partition, int]:
        """Where partitions end now."""
        return {place: len(self.memory.records[place]) for place in places}


class FaultyLog:
    """See `eventlog.log.Log`."""

    def __init__(self, shared: SharedLog, trouble: Trouble) -> None:
        self._shared = shared
        self._trouble = trouble

    async def append(self, place: Partition, key: bytes, value: bytes | None, headers: Headers) -> int:
        """See `Log.append`."""
        trouble, chance, weather = self._trouble, self._trouble.chance, self._trouble.weather
        land = partial(self._shared.land, place, key, value, headers)
        await trouble.wait()
        if trouble.happens(weather.unsure):
            match chance.choice(["lands", "lands", "never", "late", "late", "no offset"]):
                case "lands":
                    land()
                case "late":
                    self._shared.land_later(chance.choice([0.01, 0.3, 8.0, DAYS]), land)
                case "no offset":
                    land()
                    return -1
                case _:
                    pass
            await trouble.pause(chance.choice([0.0, 0.5, 4.9]))
            raise OutcomeUnknown("not acknowledged")
        offset = land()
        if trouble.happens(weather.zombies):
            self._shared.land_later(chance.choice([0.0, 0.05, 2.0, DAYS]), land)
        await trouble.wait()
        return offset

    async def tail(self, places: Iterable[Partition]) -> "FaultyTail":
        """See `Log.tail`."""
        return FaultyTail(self._shared, self._trouble, places)

    async def ends(self, places: Iterable[Partition]) -> Mapping[Partition, int]:
        """See `Log.ends`."""
        asked = tuple(places)

        async def ends() -> Mapping[Partition, int]:
            return self._shared.ends(asked)

        return await self._trouble.ask(ends, offsets_fail)

    async def begins(self, places: Iterable[Partition]) -> Mapping[Partition, int]:
        """See `Log.begins`."""
        return dict.fromkeys(places, 0)

    async def since(self, places: Iterable[Partition], moment: datetime) -> Mapping[Partition, int]:
        """See `Log.since`."""
        return await self._shared.memory.since(places, moment)


class FaultyTail:
    """See `eventlog.log.Tail`. Partitions come in any order, each in its own, and as many records at once as chance has it."""

    def __init__(self, shared: SharedLog, trouble: Trouble, places: Iterable[Partition]) -> None:
        self._shared = shared
        self._trouble = trouble
        self._places = sorted(places)
        self._next: dict[Partition, int] = {}

    def follow(self, place: Partition, offset: int) -> None:
        """See `Tail.follow`."""
        self._next[place] = offset

    def leave(self, place: Partition) -> None:
        """See `Tail.leave`."""
        self._next.pop(place, None)

    async def fetch(self, *, wait: float) -> list[Record]:
        """See `Tail.fetch`."""
        trouble, chance = self._trouble, self._trouble.chance
        await trouble.wait()
        if trouble.happens(trouble.weather.failing):
            raise kafka_fails(chance)
        if not self._ahead():
            await self._grown(wait)
            await trouble.wait()
        found: list[Record] = []
        ahead = self._ahead()
        if len(ahead) > 1:
            chance.shuffle(ahead)
        for place in ahead:
            records = self._shared.memory.records[place]
            offset = self._next[place]
            if offset > len(records):
                raise LogTruncated(f"{place} ends at {len(records)}, before {offset}")
            some = len(records) - offset
            if some > 1 and trouble.happens(0.3):
                some = chance.randrange(some + 1)
            self._next[place] = offset + some
            found += records[offset : offset + some]
        return found

    async def position(self, place: Partition) -> int:
        """See `Tail.position`."""
        return self._next[place]

    async def close(self) -> None:
        """See `Tail.close`."""
        self._next.clear()

    def _ahead(self) -> list[Partition]:
        records = self._shared.memory.records
        return [place for place in self._places if place in self._next and self._next[place] != len(records[place])]

    async def _grown(self, wait: float) -> None:
        loop = asyncio.get_running_loop()
        grown = loop.create_future()
        self._shared.waiting.append(grown)
        timer = loop.call_later(wait, wake, grown)
        try:
            await grown
        finally:
            timer.cancel()
