"""Reads topics onwards beside the projector, unjudged: key topics, and what revokes access tokens."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping

from aiokafka.errors import KafkaError

from eventlog.log import Log, OutcomeUnknown, Tail, places_of
from eventlog.record import Partition, Record

_log = logging.getLogger(__name__)

FETCH = 1.0
PAUSE = 0.2


class Following:
    """Feeds every record of some topics to `fold`, from given offsets on, for as long as it runs."""

    def __init__(self, log: Log, topics: Iterable[str], fold: Callable[[Record], None]) -> None:
        self._log = log
        self._fold = fold
        self._places = places_of(topics)
        self._next: dict[Partition, int] = {}
        self._moved = asyncio.Condition()
        self.ready = False
        self._ended = False

    async def run(self, starts: Mapping[Partition, int] | None = None) -> None:
        """Follow from the beginning, or from given offsets. Raises LogTruncated."""
        self._next = dict(starts) if starts is not None else dict.fromkeys(self._places, 0)
        try:
            tail = await self._log.tail(self._places)
            try:
                await self._follow(tail)
            finally:
                await tail.close()
        finally:
            async with self._moved:
                self._ended = True
                self._moved.notify_all()

    async def _follow(self, tail: Tail) -> None:
        for place, offset in self._next.items():
            tail.follow(place, offset)
        ends: Mapping[Partition, int] | None = None
        while True:
            try:
                if ends is None:
                    ends = await self._log.ends(self._places)
                for record in await tail.fetch(wait=FETCH if self.ready else PAUSE):
                    self._fold(record)
                async with self._moved:
                    self._next = {place: await tail.position(place) for place in self._places}
                    self.ready = self.ready or all(self._next[place] >= end for place, end in ends.items())
                    self._moved.notify_all()
            except (KafkaError, OutcomeUnknown) as error:
                _log.warning("a topic is not read: %r", error)
                await asyncio.sleep(PAUSE)

    async def catch_up(self) -> None:
        """Wait until everything is folded that the topics hold now. Raises OutcomeUnknown where the broker does not answer."""
        ends = await self._log.ends(self._places)
        async with self._moved:
            await self._moved.wait_for(lambda: self._ended or all(self._next.get(place, 0) >= end for place, end in ends.items()))
        if self._ended:
            raise OutcomeUnknown("the topic is followed no more")
