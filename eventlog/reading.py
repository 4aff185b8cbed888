"""Reads the log onwards for one replica: tells verdicts as soon as records arrive, and keeps the records that its leader has to commit."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from eventlog.batches import BATCH_BYTES, BATCH_RECORDS
from eventlog.entries import Attempt, Position, PositionsGone
from eventlog.ledger import Ledger
from eventlog.log import Log, OutcomeUnknown, Tail
from eventlog.opening import Read
from eventlog.precedence import Precedence
from eventlog.progress import Progress
from eventlog.record import Partition, Record
from eventlog.referee import Heading, Verdict, heading_of
from eventlog.tip import Tip
from eventlog.topics import TOPICS

logger = logging.getLogger(__name__)

IDLE = 0.25  # seconds that a fetch waits before it is looked whether other partitions are to be read
PAUSE = 0.2  # seconds between tries while Kafka does not answer
MOST_RECORDS = 2 * BATCH_RECORDS  # that may wait to be committed before no more are read
MOST_BYTES = 2 * BATCH_BYTES


@dataclass(slots=True)
class Expected:
    """An attempt whose verdict somebody waits for. `since`: no record before this offset carried it; None where that is not known."""

    since: int | None
    verdict: "asyncio.Future[tuple[int, Verdict]]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def tell(self, offset: int, verdict: Verdict) -> None:
        """Say what became of the record that decided the attempt."""
        if not self.verdict.done():
            self.verdict.set_result((offset, verdict))


class Reader:
    """Reads all partitions that feed some views."""

    def __init__(self, log: Log, ledger: Ledger, progress: Progress) -> None:
        self._log = log
        self._ledger = ledger
        self._progress = progress
        self._partitions = {topic: TOPICS[topic].partitions for topic in ledger.projection.topics}
        self.tips: dict[Partition, Tip] = {place: Tip() for place in progress.followed()}
        self.expected: dict[tuple[Partition, str], Expected] = {}
        self.precedence = Precedence()
        # Told of each record of another replica that is known to be accepted.
        self.elsewhere: Callable[[Record, Heading], None] | None = None
        self.early = 0  # verdicts told before they were committed
        self._led: dict[Partition, int] = {}  # to the offset after the last record kept
        self._kept: deque[Read] = deque()
        self._bytes = 0
        self._rewinds: dict[Partition, int] = {}
        self._rewound = asyncio.Event()
        self._more = asyncio.Event()  # something to commit, or a fetch ended without
        self._fewer = asyncio.Event()
        self._positions: dict[Partition, int] = {}

    @property
    def crowded(self) -> bool:
        """Whether so much waits to be committed that nothing more is read."""
        return len(self._kept) >= MOST_RECORDS or self._bytes >= MOST_BYTES

    async def room(self, seconds: float) -> bool:
        """Wait until no longer so much waits; False where it still does after so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.crowded:
                    self._fewer.clear()
                    await self._fewer.wait()
        return not self.crowded

    @contextlib.contextmanager
    def expecting(self, place: Partition, attempt: str, since: int | None) -> Iterator["asyncio.Future[tuple[int, Verdict]]"]:
        """Be told of an attempt's verdict, and of the offset of the record that it is about, as soon as this replica knows."""
        expected = Expected(since)
        self.expected[place, attempt] = expected
        tip = self.tips[place]
        try:
            with tip.keeping(since if since is not None else tip.next):
                yield expected.verdict
        finally:
            self.expected.pop((place, attempt), None)

    async def run(self, started: asyncio.Event) -> None:
        """Read until it is cancelled; sets `started` once it reads. Raises LogTruncated, PositionsGone."""
        tail = await self._log.tail(self.tips)
        try:
            await self._begin(tail)
            started.set()
            while True:
                self._rewind(tail)
                while not await self.room(IDLE):
                    self._rewind(tail)
                try:
                    await self._step(tail)
                except (KafkaError, OutcomeUnknown) as error:
                    logger.warning("the log is not read: %r", error)
                    await asyncio.sleep(PAUSE)
        finally:
            await tail.close()

    async def _begin(self, tail: Tail) -> None:
        while True:
            try:
                positions = await self._ledger.positions()
                break
            except PyMongoError as error:
                logger.warning("the positions are not read: %r", error)
                await asyncio.sleep(PAUSE)
        for place in self.tips:
            if place not in positions:
                raise PositionsGone(f"the position of {place} is gone")
            self._follow(tail, place, positions[place].fed)

    async def lead(self, positions: Mapping[Partition, Position]) -> None:
        """From now on keep the records of further partitions, from where they stand."""
        self._rewinds.update({place: position.fed for place, position in positions.items()})
        self._rewound.clear()
        self._fewer.set()
        await self._rewound.wait()

    def drop(self, places: Iterable[Partition]) -> None:
        """Keep no records of some partitions any more."""
        for place in places:
            self._led.pop(place, None)
            self._rewinds.pop(place, None)
        self._kept = deque(read for read in self._kept if read[0].place in self._led)
        self._bytes = sum(record.size for record, _ in self._kept)
        self._fewer.set()

    @property
    def waiting(self) -> int:
        """How many records wait to be committed."""
        return len(self._kept)

    async def take(self, *, wait: float, until: Mapping[Partition, int] | None = None) -> list[Read]:
        """The next records to commit, at most 2,000 and 4 MiB; waits for the first, at most so many seconds.

        Of some partitions only those before the offset `until`; the others stay.
        """
        if not self._kept:
            self._more.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._more.wait(), wait)
        taken: list[Read] = []
        left: list[Read] = []
        size = 0
        while self._kept and len(taken) < BATCH_RECORDS and (not taken or size + self._kept[0][0].size <= BATCH_BYTES):
            read = self._kept.popleft()
            if until and read[0].offset >= until.get(read[0].place, read[0].offset + 1):
                left.append(read)
            else:
                size += read[0].size
                taken.append(read)
        self._kept.extendleft(reversed(left))
        self._bytes -= size
        if not self.crowded:
            self._fewer.set()
        return taken

    def upcoming(self) -> list[Read]:
        """Those that will be taken next, nearly."""
        return list(islice(self._kept, BATCH_RECORDS))

    def passed(self, places: Iterable[Partition]) -> dict[Partition, int]:
        """The offset that comes next in some partitions of which no record waits: past what is no record."""
        waiting = {read[0].place for read in self._kept}
        return {place: self._positions[place] for place in places if place not in waiting and place in self._positions}

    async def _step(self, tail: Tail) -> None:
        records = await tail.fetch(wait=IDLE)
        reads = [(record, heading_of(record, self._partitions[record.topic])) for record in records]
        decided = await self._asked(reads)
        for record, heading in reads:
            self._judge(record, heading, decided)
        for read in self._wanted(reads):
            self._kept.append(read)
            self._bytes += read[0].size
        self._positions = {place: await tail.position(place) for place in self.tips} if not records else {}
        if self._kept or not records:
            self._more.set()
        for place, tip in self.tips.items():
            tip.forget(self._progress[place])

    async def _asked(self, reads: list[Read]) -> dict[tuple[Partition, str], Attempt | None]:
        """What the ledger holds of attempts that others made, as far as it matters here."""
        wanted: dict[Partition, list[str]] = {}
        for record, heading in reads:
            place = record.place
            if heading is None or record.offset < self.tips[place].next or not self.tips[place].knows(heading):
                continue
            if not self._undecided(place, heading.attempt):
                wanted.setdefault(place, []).append(heading.attempt)
        found: dict[tuple[Partition, str], Attempt | None] = {}
        try:
            for place, attempts in wanted.items():
                held = await self._ledger.attempts(place, attempts)
                found.update({(place, attempt): held.get(attempt) for attempt in attempts})
        except PyMongoError as error:
            logger.warning("attempts are not read, their verdicts come later: %r", error)
        return found

    def _undecided(self, place: Partition, attempt: str) -> bool:
        """Whether no record that this replica has forgotten carried an attempt."""
        expected = self.expected.get((place, attempt))
        return expected is not None and expected.since is not None and self.tips[place].floor <= expected.since

    def _judge(self, record: Record, heading: Heading | None, decided: Mapping[tuple[Partition, str], Attempt | None]) -> None:
        place, tip = record.place, self.tips[record.place]
        if heading is None:
            tip.take(record.offset, None, undecided=False)
            return
        named = place, heading.attempt
        undecided = named in decided or self._undecided(place, heading.attempt)
        verdict = tip.take(record.offset, heading, undecided=undecided, decided=decided.get(named))
        self.precedence.note(record, verdict)
        expected = self.expected.get(named)
        if expected is None and verdict is Verdict.ACCEPTED and self.elsewhere is not None:
            self.elsewhere(record, heading)
        if verdict in (Verdict.ACCEPTED, Verdict.CONFLICTING) and undecided and expected is not None:
            self.early += 1
            tip.tell(record.offset, verdict)
            expected.tell(record.offset, verdict)
            if verdict is Verdict.ACCEPTED:
                self._progress.answer(place, record.offset + 1)

    def _wanted(self, reads: list[Read]) -> Iterator[Read]:
        """What is to be committed here and was not kept before."""
        for read in reads:
            place, offset = read[0].place, read[0].offset
            if self._led.get(place, offset + 1) <= offset:
                self._led[place] = offset + 1
                yield read

    def _rewind(self, tail: Tail) -> None:
        """Begin to keep what is to be kept."""
        rewinds, self._rewinds = self._rewinds, {}
        if rewinds:
            self._positions = {}  # from before: they may lie beyond what is to be read again
        for place, offset in rewinds.items():
            self._led[place] = offset
            if offset != self.tips[place].next:
                self._follow(tail, place, offset)
        self._rewound.set()

    def _follow(self, tail: Tail, place: Partition, offset: int) -> None:
        tail.follow(place, offset)
        if offset > self.tips[place].next:
            self.tips[place] = Tip(offset)  # what lies between is not read here
