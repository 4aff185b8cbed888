"""Something goes wrong with an append: it is not acknowledged, and lands all the same, or late, or twice, or never does."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime

from eventlog.log import KafkaLog, OutcomeUnknown, Tail
from eventlog.record import Headers, Partition
from eventlog.topics import TOPICS

Append = Callable[[], Awaitable[int]]


class Troubled:
    """A log between which and its user something goes wrong with an append of a fact, while `trouble` says what."""

    def __init__(self, log: KafkaLog) -> None:
        self._log = log
        self._append = log.append  # as it is now: this one's may take its place
        self.trouble: Callable[[Append], Awaitable[int]] | None = None
        self.late: list[Append] = []

    async def append(self, place: Partition, key: bytes, value: bytes | None, headers: Headers) -> int:
        """See `Log.append`."""

        async def send() -> int:
            return await self._append(place, key, value, headers)

        if self.trouble is None or TOPICS[place.topic].compacted:
            return await send()
        return await self.trouble(send)

    async def lands(self, send: Append) -> int:
        await send()
        raise OutcomeUnknown

    async def never_lands(self, send: Append) -> int:
        del send
        raise OutcomeUnknown

    async def lands_late(self, send: Append) -> int:
        self.late.append(send)
        raise OutcomeUnknown

    async def lands_twice(self, send: Append) -> int:
        await send()
        return await send()

    async def lands_without_an_offset(self, send: Append) -> int:
        await send()
        return -1

    async def tail(self, places: Iterable[Partition]) -> Tail:
        """See `Log.tail`."""
        return await self._log.tail(places)

    async def ends(self, places: Iterable[Partition]) -> Mapping[Partition, int]:
        """See `Log.ends`."""
        return await self._log.ends(places)

    async def begins(self, places: Iterable[Partition]) -> Mapping[Partition, int]:
        """See `Log.begins`."""
        return await self._log.begins(places)

    async def since(self, places: Iterable[Partition], moment: datetime) -> Mapping[Partition, int]:
        """See `Log.since`."""
        return await self._log.since(places, moment)
