"""The live projector of one replica: follows the partitions that it leads, judges every record, and feeds the views.

A batch is folded in memory and written in one MongoDB transaction together with its verdicts and positions; a compare-and-set on the
positions makes each fact take effect exactly once, whoever leads. What goes wrong discards the batch and all cached state.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from aiokafka.errors import KafkaError
from pymongo.client_session_shared import TransactionOptions
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from eventlog.batches import Batch, chunks, fold
from eventlog.facts import Facts
from eventlog.leases import Leases
from eventlog.ledger import Ledger, Position, PositionLost, Session
from eventlog.log import Log, LogTruncated, OutcomeUnknown, Tail, places_of
from eventlog.positions import watch
from eventlog.progress import Progress
from eventlog.record import Partition, Record
from eventlog.referee import Verdict
from eventlog.stopping import stop
from eventlog.topics import TOPICS

logger = logging.getLogger(__name__)

IDLE = 0.25  # seconds that a fetch waits before the leases are looked at again
REFUSED_DOCUMENTS = frozenset({10334, 17280, 17419})  # MongoDB: too large, in its three places
PAUSE = 0.2  # seconds between tries while MongoDB or Kafka does not answer


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
        self._facts = facts
        self.places = places_of(ledger.projection.topics)
        self.progress = Progress(self.places)
        self.leases = Leases(ledger.database, self.places, replica, lease_ms)
        self.counts = Counts()
        self.verdicts: dict[str, asyncio.Future[Verdict]] = {}
        self._positions: dict[Partition, Position] = {}
        self._session: Session | None = None

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Future[None]]:
        """Run until the block ends. Gives a future that fails when the projector can not go on: the process has to start anew then."""
        await self._ledger.prepare(self.places)
        await self.leases.prepare()
        self._session = self._open_session()
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
            failed.cancel()

    @contextlib.contextmanager
    def expecting(self, attempt: str) -> Iterator[asyncio.Future[Verdict]]:
        """Be told of an attempt's verdict, where this replica is the one that commits it."""
        future: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self.verdicts[attempt] = future
        try:
            yield future
        finally:
            self.verdicts.pop(attempt, None)

    async def fold_to(self, ends: dict[Partition, int]) -> None:
        """Feed the views up to given offsets and return: a rebuild beside the running service. The database has no other writer."""
        await self._ledger.prepare(self.places)
        self._session = self._open_session()
        self._positions = await self._ledger.positions()
        tail = await self._log.tail(self.places)
        try:
            waiting = {place for place in self.places if self._positions[place].fed < ends.get(place, 0)}
            for place in waiting:
                tail.follow(place, self._positions[place].fed)
            while waiting:
                records = [r for r in await tail.fetch(wait=IDLE) if r.offset < ends[r.place]]
                for chunk in chunks(records):
                    await self._commit(chunk)
                for place in [place for place in waiting if self._positions[place].fed >= ends[place]]:
                    tail.leave(place)
                    waiting.discard(place)
        finally:
            await tail.close()
            await self._session.end_session()

    def _open_session(self) -> Session:
        options = TransactionOptions(read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority"))
        return self._ledger.database.client.start_session(default_transaction_options=options)

    async def _keep_leases(self) -> None:
        while True:
            try:
                if self._session is not None:
                    await self.leases.renew(dict(self._session.session_id))
            except PyMongoError as error:
                self.leases.held = frozenset()
                logger.warning("leases are not renewed: %s", error)
            await asyncio.sleep(self.leases.term_ms / 3000)

    async def _run(self) -> None:
        tail = await self._log.tail(self.places)
        led: frozenset[Partition] = frozenset()
        try:
            while True:
                try:
                    if self._session is None:
                        self._session = self._open_session()
                    if led != self.leases.held:
                        led = await self._follow(tail, led, self.leases.held)
                    for chunk in chunks([r for r in await tail.fetch(wait=IDLE) if r.place in led]):
                        await self._commit(chunk)
                except (PositionLost, PyMongoError, KafkaError, OutcomeUnknown) as error:
                    # The batch is discarded with all that was cached, and it goes on from what the database holds.
                    self.counts.discarded += 1
                    logger.warning("a batch was discarded: %r", error)
                    led = await self._restart(tail, led)
        finally:
            with contextlib.suppress(Exception):
                await tail.close()
            if self._session is not None:
                with contextlib.suppress(PyMongoError):
                    await self._session.end_session()

    async def _follow(self, tail: Tail, led: frozenset[Partition], held: frozenset[Partition]) -> frozenset[Partition]:
        for place in led - held:
            tail.leave(place)
        gained = held - led
        if gained:
            positions = await self._ledger.positions()
            for place in gained:
                if place not in positions:
                    raise LogTruncated(f"the position of {place} is gone: the database was dropped; starting anew rebuilds it")
                self._positions[place] = positions[place]
                tail.follow(place, positions[place].fed)
        return held

    async def _restart(self, tail: Tail, led: frozenset[Partition]) -> frozenset[Partition]:
        for place in led:
            tail.leave(place)
        session, self._session = self._session, None
        if session is not None:
            with contextlib.suppress(PyMongoError):
                await session.end_session()
        await asyncio.sleep(PAUSE)
        return frozenset()

    async def _commit(self, records: list[Record]) -> None:
        batch = Batch.of(records, {topic: TOPICS[topic].partitions for topic in self._ledger.projection.topics})
        await batch.open(self._facts)
        try:
            done = await self._transact(batch, careful=False)
        except PositionLost:
            raise
        except Exception as error:
            if isinstance(error, PyMongoError) and getattr(error, "code", None) not in REFUSED_DOCUMENTS:
                raise
            logger.warning("a batch is taken record by record: %r", error)
            done = await self._transact(batch, careful=True)
        self._tell(batch, done)

    async def _transact(self, batch: Batch, *, careful: bool) -> dict[Partition, Position]:
        if self._session is None:
            raise PositionLost("there is no session")
        async with await self._session.start_transaction():
            before = {place: self._positions[place] for place in batch.places}
            return await fold(batch, before, self._ledger, self._session, careful=careful)

    def _tell(self, batch: Batch, after: dict[Partition, Position]) -> None:
        """The batch is committed: wake who waits for it."""
        self.counts.batches += 1
        self.counts.parked += len(batch.parked)
        for (_, heading), verdict in zip(batch.judged, batch.verdicts, strict=True):
            if verdict is Verdict.ACCEPTED:
                self.counts.accepted += 1
            else:
                self.counts.void += 1
            waiting = self.verdicts.get(heading.attempt) if heading is not None and verdict is not Verdict.REPEATED else None
            if waiting is not None and not waiting.done():
                waiting.set_result(verdict)
        for place, position in after.items():
            self._positions[place] = position
            self.progress.advance(place, position.fed, position.parked)


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


def _fail(failed: asyncio.Future[None], task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and not failed.done():
        logger.critical("the projector can not go on: %s ended", task.get_name(), exc_info=task.exception())
        failed.set_exception(task.exception() or RuntimeError(f"{task.get_name()} ended"))
