"""The live projector of one replica: follows the partitions that it leads, judges every record, and feeds the views.

A compare-and-set on the positions makes each fact take effect exactly once, whoever leads. What goes wrong discards the batch and all
cached state, and it begins again from what the database holds.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass

from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from eventlog.batches import Batch, Folded, chunks
from eventlog.committing import Committer
from eventlog.entries import Position, PositionLost, PositionsGone
from eventlog.facts import Facts
from eventlog.leases import Leases
from eventlog.ledger import Ledger
from eventlog.log import Log, OutcomeUnknown, Tail, places_of
from eventlog.positions import watch
from eventlog.progress import Progress
from eventlog.record import Partition
from eventlog.referee import Verdict
from eventlog.stopping import stop

logger = logging.getLogger(__name__)

IDLE = 0.25  # seconds that a fetch waits before the leases are looked at again
PAUSE = 0.2  # seconds between tries while MongoDB or Kafka does not answer
CROWD = 8  # commands under way, of this replica, from which on
LINGER = 0.002  # so many seconds are waited for more of their records: a batch costs nearly the same whatever it holds


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
        self.leases = Leases(ledger.database, self.places, replica, lease_ms)
        self.counts = Counts()
        self.verdicts: dict[tuple[Partition, str], asyncio.Future[tuple[int, Verdict]]] = {}
        self.led: frozenset[Partition] = frozenset()  # what it reads now, of what it holds the leases of
        self._committer = Committer(ledger, facts, self._tell)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Future[None]]:
        """Run until the block ends. Gives a future that fails when the projector can not go on: the process has to start anew then."""
        await self._ledger.prepare(self.places)
        await self.leases.prepare()
        self._committer.open()
        failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        watching = asyncio.Event()
        tasks = [
            asyncio.create_task(watch(self._ledger, self.progress, watching), name="positions"),
            asyncio.create_task(self._keep_leases(), name="leases"),
            asyncio.create_task(self._run(), name="projector"),
        ]
        for task in tasks:
            task.add_done_callback(lambda done: _fail(failed, done))
        try:
            ready = asyncio.ensure_future(_wait(watching))
            await asyncio.wait([ready, failed], return_when=asyncio.FIRST_COMPLETED)
            ready.cancel()
            yield failed
        finally:
            await asyncio.gather(*(stop(task) for task in tasks))
            with contextlib.suppress(PyMongoError):
                await self.leases.release()
            if not failed.cancel():
                failed.exception()  # nobody may have asked; it was logged

    @contextlib.contextmanager
    def expecting(self, place: Partition, attempt: str) -> Iterator[asyncio.Future[tuple[int, Verdict]]]:
        """Be told of an attempt's verdict, and the offset of the record that it is about, where this replica is the one that commits it."""
        future: asyncio.Future[tuple[int, Verdict]] = asyncio.get_running_loop().create_future()
        self.verdicts[place, attempt] = future
        try:
            yield future
        finally:
            self.verdicts.pop((place, attempt), None)

    async def fold_to(self, ends: Mapping[Partition, int]) -> AsyncIterator[int]:
        """Feed the views up to given offsets, telling how many records are fed: a rebuild beside the running service.

        The database has no other writer.
        """
        await self._ledger.prepare(self.places)
        positions = self._committer.positions
        self._committer.begin(await self._ledger.positions())
        waiting = {place for place in self.places if positions[place].fed < ends.get(place, 0)}
        tail = await self._log.tail(self.places)
        self._committer.open()
        try:
            for place in waiting:
                tail.follow(place, positions[place].fed)
            while waiting:
                records = [record for record in await tail.fetch(wait=IDLE) if record.offset < ends[record.place]]
                for chunk in chunks(records):
                    await self._committer.commit(chunk)
                if not records:
                    await self._pass_gaps(tail, waiting)
                for place in [place for place in waiting if positions[place].fed >= ends[place]]:
                    tail.leave(place)
                    waiting.discard(place)
                yield sum(positions[place].fed for place in self.places)
        finally:
            await tail.close()
            await self._committer.close()

    async def _keep_leases(self) -> None:
        while True:
            await self._renew()
            await asyncio.sleep(self.leases.term_ms / 3000)

    async def _renew(self) -> None:
        try:
            if self._committer.session is not None:
                await self.leases.renew(self._committer.session)
        except PyMongoError as error:
            self.leases.held = frozenset()
            logger.warning("leases are not renewed: %s", error)

    async def _run(self) -> None:
        tail = await self._log.tail(self.places)
        try:
            while True:
                try:
                    await self._step(tail)
                except (PositionLost, PyMongoError, KafkaError, OutcomeUnknown) as error:
                    self.counts.discarded += 1
                    logger.warning("a batch was discarded: %r", error)
                    self._leave(tail, self.led)
                    await self._committer.close()
                    await asyncio.sleep(PAUSE)
        finally:
            with contextlib.suppress(Exception):
                await tail.close()
            await self._committer.close()

    async def _step(self, tail: Tail) -> None:
        """Take what is there of the partitions that this replica leads."""
        if self._committer.session is None:
            self._committer.open()
            await self._renew()  # who takes over has to know the session that it must kill
        if self.led != self.leases.held:
            await self._follow(tail, self.leases.held)
        if len(self.verdicts) >= CROWD:
            await asyncio.sleep(LINGER)
        records = [record for record in await tail.fetch(wait=IDLE) if record.place in self.led]
        for chunk in chunks(records):
            await self._committer.commit(chunk)
        if not records:
            await self._pass_gaps(tail, self.led)

    async def _follow(self, tail: Tail, held: frozenset[Partition]) -> None:
        self._leave(tail, self.led - held)
        gained = held - self.led
        known = {place: self.progress[place] for place in gained}
        positions = await self._ledger.positions() if gained else {}
        for place in gained:
            if place not in positions or positions[place].fed < known[place]:
                raise PositionsGone(f"the position of {place} is gone")
        self._committer.begin({place: positions[place] for place in gained})
        for place in gained:
            tail.follow(place, positions[place].fed)
        self.led = held

    def _leave(self, tail: Tail, places: frozenset[Partition]) -> None:
        for place in places:
            tail.leave(place)
        self.led -= places

    async def _pass_gaps(self, tail: Tail, places: Iterable[Partition]) -> None:
        """Move the positions past what is no record: offsets that the markers of somebody's transaction took."""
        ends = {place: await tail.position(place) for place in places}
        gaps = {place: end for place, end in ends.items() if end > self._committer.positions[place].fed}
        if gaps:
            self._moved(await self._committer.move(gaps))

    def _tell(self, batch: Batch, folded: Folded) -> None:
        """A batch is committed: wake who waits for it."""
        self.counts.batches += 1
        self.counts.parked += len(folded.parked)
        for (record, heading), verdict in zip(batch.judged, folded.judged.verdicts, strict=True):
            if verdict is Verdict.ACCEPTED:
                self.counts.accepted += 1
            else:
                self.counts.void += 1
            if self.verdicts and heading is not None and verdict is not Verdict.REPEATED:
                waiting = self.verdicts.get((record.place, heading.attempt))
                if waiting is not None and not waiting.done():
                    waiting.set_result((record.offset, verdict))
        self._moved({place: after for place, (_, after) in folded.moves.items()})

    def _moved(self, after: Mapping[Partition, Position]) -> None:
        for place, position in after.items():
            self.progress.advance(place, position.fed, position.parked)


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


def _fail(failed: asyncio.Future[None], task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and not failed.done():
        logger.critical("the projector can not go on: %s ended", task.get_name(), exc_info=task.exception())
        failed.set_exception(task.exception() or RuntimeError(f"{task.get_name()} ended"))
