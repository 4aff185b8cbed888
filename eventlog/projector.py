"""The live projector of one replica: reads every partition, tells verdicts, and feeds the views of the partitions that it leads.

A compare-and-set on the positions makes each fact take effect exactly once, whoever leads. What goes wrong discards the batch and all
cached state, and it begins again from what the database holds.

Replicas of several versions of the views may run at once: one of them judges a partition for the ledger with what it feeds, the others feed
their own versions as far as the ledger has come, by its verdicts.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace

from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from eventlog.batches import Batch
from eventlog.committing import Committer
from eventlog.curing import Curer
from eventlog.entries import Position, PositionLost, PositionsGone, Waiting
from eventlog.facts import Facts
from eventlog.ledger import Folded, Ledger
from eventlog.log import Log, OutcomeUnknown, places_of
from eventlog.opening import Read
from eventlog.positions import watch
from eventlog.progress import Progress
from eventlog.reading import IDLE, Reader
from eventlog.record import Partition
from eventlog.referee import Verdict
from eventlog.stopping import stop

logger = logging.getLogger(__name__)

PAUSE = 0.2  # seconds between tries while MongoDB or Kafka does not answer
SOON = 0.1  # seconds after which a replica looks again that leads less than its share, or sees that nobody judges
RENEWAL = 0.25  # of a lease's term: so long after the end of another's, at most, it is taken over
BEHIND_LEDGER = 0.02  # seconds between looks at the ledger's positions while records wait that another replica is to judge
CROWD = 8  # commands under way, of this replica, from which on
LINGER = 0.002  # so many seconds are waited for more of their records: a batch costs nearly the same whatever it holds


class Contradiction(Exception):
    """A verdict that was told is not the one that was committed: either is wrong, and nothing may go on from it."""


@dataclass(slots=True)
class Counts:
    """What a projector did since it started."""

    batches: int = 0
    accepted: int = 0
    void: int = 0
    parked: int = 0
    discarded: int = 0


class Projector:
    """Feeds one service's views, as one of its replicas."""

    def __init__(self, log: Log, ledger: Ledger, facts: Facts, *, replica: str, lease_ms: int = 3000) -> None:
        self._log = log
        self._ledger = ledger
        self.places = places_of(ledger.projection.topics)
        self.progress = Progress(self.places)
        self.leases = ledger.leases(self.places, replica, lease_ms)
        self.reader = Reader(log, ledger, self.progress)
        self.counts = Counts()
        self.led: frozenset[Partition] = frozenset()  # what it reads now, of what it holds the leases of
        self.judges = True  # whether it is to judge for the ledger what nobody judges
        self._able: frozenset[Partition] = frozenset()  # what it could judge
        self._standing: dict[tuple[Partition, int], float] = {}  # where records wait and nobody has judged them: since when
        self.waiting: Mapping[Partition, Waiting] = {}  # what is parked, as it was at the last look
        self._committer = Committer(ledger, facts, self._tell)
        self._curer = Curer(log, ledger, self._committer)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Future[None]]:
        """Run until the block ends. Gives a future that fails when the projector can not go on: the process has to start anew then."""
        await self._ledger.prepare(self.places)
        await self.leases.prepare()
        self._committer.open()
        failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        watching, reading = asyncio.Event(), asyncio.Event()
        tasks = [
            asyncio.create_task(watch(self._ledger, self.progress, watching), name="positions"),
            asyncio.create_task(self.reader.run(reading), name="reader"),
            asyncio.create_task(self._keep_leases(), name="leases"),
            asyncio.create_task(self._run(), name="projector"),
        ]
        for task in tasks:
            task.add_done_callback(lambda done: _fail(failed, done))
        try:
            ready = asyncio.ensure_future(_wait(watching, reading))
            await asyncio.wait([ready, failed], return_when=asyncio.FIRST_COMPLETED)
            ready.cancel()
            yield failed
        finally:
            await asyncio.gather(*(stop(task) for task in tasks))
            with contextlib.suppress(PyMongoError):
                await self.leases.release()
            if not failed.cancel():
                failed.exception()  # nobody may have asked; it was logged

    async def _keep_leases(self) -> None:
        while True:
            await self._renew()
            with contextlib.suppress(PyMongoError):  # at the next look, then
                self.waiting = await self._ledger.waiting() if self.progress.parked else {}
            pause = self.leases.term_ms / 1000 * RENEWAL
            await asyncio.sleep(min(SOON, pause) if self.leases.short else pause)

    async def _renew(self) -> None:
        try:
            if self._committer.writer is not None:
                await self.leases.renew(self._committer.writer, self._able)
        except PyMongoError as error:
            self.leases.held = self.leases.judging = self.leases.excess = frozenset()
            logger.warning("leases are not renewed: %s", error)

    async def _run(self) -> None:
        try:
            while True:
                try:
                    await self._step()
                except (PositionLost, PyMongoError, KafkaError, OutcomeUnknown) as error:
                    self.counts.discarded += 1
                    logger.warning("a batch was discarded: %r", error)
                    self._leave(self.led)
                    self._curer.forget()
                    await self._committer.close()
                    await asyncio.sleep(PAUSE)
        finally:
            await self._committer.close()

    async def _step(self) -> None:
        """Commit what was read of the partitions that this replica leads."""
        if self._committer.writer is None:
            self._committer.open()
            await self._renew()  # who takes over has to know the writer that it must put an end to
        if self.led != self.leases.held:
            await self._lead(self.leases.held)
        if self.leases.excess:  # nothing of it is under way
            await self.leases.give_back()
        await self._judge()
        await self._cure()
        if len(self.reader.expected) >= CROWD:
            await asyncio.sleep(LINGER)
        until = await self._judged_by_others()
        await self._take_over(until)
        reads = await self.reader.take(wait=IDLE, until=until)
        if reads:
            await self._commit(reads)
            return
        ends = self.reader.passed(self.led)
        await self._pass_gaps({place: min(end, until.get(place, end)) for place, end in ends.items()})
        if until and self.reader.waiting:
            await asyncio.sleep(BEHIND_LEDGER)

    async def _commit(self, reads: list[Read]) -> None:
        """Commit some records, and open meanwhile those that come next."""
        upcoming = self.reader.upcoming()
        opening = asyncio.create_task(self._committer.open_ahead(upcoming)) if upcoming else None
        try:
            await self._committer.commit(reads)
        finally:
            if opening is not None:
                await stop(opening)

    async def _cure(self) -> None:
        """Try again what another program has parked, or what an operator wants to be tried."""
        untried = {place for place, waiting in self.waiting.items() if waiting.untried}
        if untried:
            self.waiting = {place: replace(waiting, untried=False) for place, waiting in self.waiting.items()}
            self._curer.begin(untried & self.led)
        self._moved(await self._curer.step())

    async def _judge(self) -> None:
        """Judge from now on what the views have come to the ledger's position of, if nobody else does."""
        positions = self._committer.positions
        able = frozenset(place for place in self.led if self.judges and positions[place].fed >= positions[place].next)
        known, self._able = self._able, able | self.leases.judging if self.judges else able
        if self._able - known or self.leases.judging - self._able:
            await self._renew()

    async def _take_over(self, until: Mapping[Partition, int]) -> None:
        """Look whether nobody judges any more what could be judged here and stands still while records wait, before it is time to."""
        now = asyncio.get_running_loop().time()
        waiting = [(place, end) for place, end in until.items() if place in self._able and self.reader.tips[place].next > end]
        self._standing = {each: self._standing.get(each, now) for each in waiting}
        if any(now - since >= SOON for since in self._standing.values()):
            self._standing.clear()
            await self._renew()

    async def _judged_by_others(self) -> dict[Partition, int]:
        """How far the ledger is where another replica judges: the views may come so far."""
        followed = self.led - self.leases.judging
        if not followed:
            return {}
        positions = await self._ledger.positions()
        if not positions.keys() >= followed:
            raise PositionsGone("a position is gone")
        self._committer.judged_by_others({place: positions[place] for place in followed})
        return {place: positions[place].next for place in followed}

    async def _lead(self, held: frozenset[Partition]) -> None:
        self._leave(self.led - held)
        gained = held - self.led
        if gained:
            known = {place: self.progress[place] for place in gained}
            positions = await self._ledger.positions()
            for place in gained:
                if place not in positions or positions[place].fed < known[place]:
                    raise PositionsGone(f"the position of {place} is gone")
            begun = {place: positions[place] for place in gained}
            self._committer.begin(begun)
            await self.reader.lead(begun)
        self.led = held

    def _leave(self, places: frozenset[Partition]) -> None:
        self.reader.drop(places)
        self.led -= places

    async def _pass_gaps(self, ends: Mapping[Partition, int]) -> None:
        """Move the positions past what is no record: offsets that the markers of somebody's transaction took."""
        gaps = {place: end for place, end in ends.items() if end > self._committer.positions[place].fed}
        if gaps:
            self._moved(await self._committer.move(gaps))

    def _tell(self, batch: Batch, folded: Folded) -> None:
        """A batch is committed: wake who waits for it. Raises Contradiction."""
        self.counts.batches += 1
        self.counts.parked += len(folded.parked)
        for (record, heading), verdict in zip(batch.judged, folded.judged.verdicts, strict=True):
            if verdict is Verdict.ACCEPTED:
                self.counts.accepted += 1
            else:
                self.counts.void += 1
            if heading is None:
                continue
            told = self.reader.tips[record.place].told(record.offset)
            if told is not None and told is not verdict:
                raise Contradiction(f"{record.place}:{record.offset} was told to be {told}, and is {verdict}")
            expected = self.reader.expected.get((record.place, heading.attempt))
            if expected is not None and verdict is not Verdict.REPEATED:
                expected.tell(record.offset, verdict)
        self._moved({place: after for place, (_, after) in folded.moves.items()})

    def _moved(self, after: Mapping[Partition, Position]) -> None:
        for place, position in after.items():
            self.progress.advance(place, position.fed, position.parked)


async def _wait(*events: asyncio.Event) -> None:
    for event in events:
        await event.wait()


def _fail(failed: asyncio.Future[None], task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and not failed.done():
        logger.critical("the projector can not go on: %s ended", task.get_name(), exc_info=task.exception())
        failed.set_exception(task.exception() or RuntimeError(f"{task.get_name()} ended"))
