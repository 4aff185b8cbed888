"""How far the views are behind the log, as one sees it who feeds none: where it ended a while ago, and whether they have passed that.

Those who feed the views have no part in it, so that it is true when these stand still, too.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from eventlog.log import OutcomeUnknown
from eventlog.progress import Progress
from eventlog.record import Partition

LOOK = 5.0  # seconds between two looks; what is younger is not stale


class Lag(Collector):
    """What the views of one replica lack. `progress` says which views are served, and where they stand."""

    def __init__(self, progress: Callable[[], Progress], clock: Callable[[], float] = time.monotonic) -> None:
        self._progress = progress
        self._clock = clock
        self._ends: dict[Partition, int] = {}
        self._lacked: dict[Partition, tuple[int, float]] = {}

    async def watch(self, ends: Callable[[], Awaitable[Mapping[Partition, int]]]) -> None:
        """Look at the log's ends for ever; where nobody tells them, those seen last count."""
        while True:
            # That Kafka does not answer is told by the readiness, and by the commands that fail.
            with contextlib.suppress(OutcomeUnknown):
                self.saw(await ends())
            await asyncio.sleep(LOOK)

    def saw(self, ends: Mapping[Partition, int]) -> None:
        """Take note of where the log ends; an end that is lacked already is lacked since it was seen first."""
        progress, now = self._progress(), self._clock()
        self._ends = dict(ends)
        for place, end in ends.items():
            wanted, _ = self._lacked.get(place, (0, now))
            if progress[place] >= wanted:
                self._lacked.pop(place, None)
                if progress[place] < end:
                    self._lacked[place] = (end, now)

    @property
    def records(self) -> int:
        """How many records the views lack."""
        progress = self._progress()
        return sum(max(0, end - progress[place]) for place, end in self._ends.items())

    @property
    def seconds(self) -> float:
        """For how long they have lacked the oldest of them; 0 where they lack none that was there at the last look."""
        progress = self._progress()
        since = [begun for place, (end, begun) in self._lacked.items() if progress[place] < end]
        return self._clock() - min(since) if since else 0.0

    def describe(self) -> list[Metric]:
        """Nothing is known before the first look."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Give the figures, for `prometheus_client`."""
        yield GaugeMetricFamily("inkstream_views_lag_records", "Records that the views lack", self.records)
        yield GaugeMetricFamily("inkstream_views_stale_seconds", "Since when the views lack a record", self.seconds)
        progress = self._progress()
        at = GaugeMetricFamily("inkstream_log_position", "Where the views stand in a partition", labels=("topic", "partition"))
        end = GaugeMetricFamily("inkstream_log_end", "Where a partition ends", labels=("topic", "partition"))
        for place, offset in self._ends.items():
            at.add_metric((place.topic, str(place.number)), progress[place])
            end.add_metric((place.topic, str(place.number)), offset)
        yield at
        yield end
