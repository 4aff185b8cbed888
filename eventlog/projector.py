"""The live projector of one replica: follows the partitions that it leads, judges every record, and feeds the views.

A batch is folded in memory and written in one MongoDB transaction together with its verdicts and positions; a compare-and-set on the
positions makes each fact take effect exactly once, whoever leads. What goes wrong discards the batch and all cached state.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass

from aiokafka.errors import KafkaError
from pymongo.client_session_shared import TransactionOptions
from pymongo.errors import BulkWriteError, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from eventlog.batches import CAUSE, Batch, chunks, fold
from eventlog.documents import Undigested
from eventlog.entries import Position, PositionLost, PositionsGone
from eventlog.facts import Facts
from eventlog.judging import Judged
from eventlog.leases import Leases
from eventlog.ledger import Ledger, Session
from eventlog.log import Log, OutcomeUnknown, Tail, places_of
from eventlog.positions import watch
from eventlog.progress import Progress
from eventlog.record import Partition, Record
from eventlog.referee import Verdict
from eventlog.stopping import stop
from eventlog.topics import TOPICS

logger = logging.getLogger(__name__)

IDLE = 0.25  # seconds that a fetch waits before the leases are looked at again
TOO_DEEP = 15
EXPIRED = 251  # MongoDB ends a transaction after a minute, and a batch may hold more long texts than are rendered in that time
# What MongoDB says of a document that it will never take: bad value, nested too deep, names that are operators, two arrays in one index,
# too large in its three places. Anything else may pass.
REFUSED = frozenset({2, 9, TOO_DEEP, 52, 57, 171, 10334, 17280, 17419})
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
        self.verdicts: dict[str, asyncio.Future[tuple[int, Verdict]]] = {}
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
            if not failed.cancel():
                failed.exception()  # nobody may have asked; it was logged

    @contextlib.contextmanager
    def expecting(self, attempt: str) -> Iterator[asyncio.Future[tuple[int, Verdict]]]:
        """Be told of an attempt's verdict, and the offset of the record that it is about, where this replica is the one that commits it."""
        future: asyncio.Future[tuple[int, Verdict]] = asyncio.get_running_loop().create_future()
        self.verdicts[attempt] = future
        try:
            yield future
        finally:
            self.verdicts.pop(attempt, None)

    async def fold_to(self, ends: Mapping[Partition, int]) -> AsyncIterator[int]:
        """Feed the views up to given offsets, telling how many records are fed: a rebuild beside the running service.

        The database has no other writer.
        """
        await self._ledger.prepare(self.places)
        self._positions = await self._ledger.positions()
        waiting = {place for place in self.places if self._positions[place].fed < ends.get(place, 0)}
        tail = await self._log.tail(self.places)
        self._session = self._open_session()
        try:
            for place in waiting:
                tail.follow(place, self._positions[place].fed)
            while waiting:
                records = [record for record in await tail.fetch(wait=IDLE) if record.offset < ends[record.place]]
                for chunk in chunks(records):
                    await self._commit(chunk)
                if not records:
                    await self._pass_gaps(tail, waiting)
                for place in [place for place in waiting if self._positions[place].fed >= ends[place]]:
                    tail.leave(place)
                    waiting.discard(place)
                yield sum(self._positions[place].fed for place in self.places)
        finally:
            await tail.close()
            await self._session.end_session()

    def _open_session(self) -> Session:
        options = TransactionOptions(read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority"))
        return self._ledger.database.client.start_session(default_transaction_options=options)

    async def _keep_leases(self) -> None:
        while True:
            await self._renew()
            await asyncio.sleep(self.leases.term_ms / 3000)

    async def _renew(self) -> None:
        try:
            if self._session is not None:
                await self.leases.renew(self._session.session_id["id"].as_uuid())
        except PyMongoError as error:
            self.leases.held = frozenset()
            logger.warning("leases are not renewed: %s", error)

    async def _run(self) -> None:
        tail = await self._log.tail(self.places)
        led: frozenset[Partition] = frozenset()
        try:
            while True:
                try:
                    if self._session is None:
                        self._session = self._open_session()
                        await self._renew()  # who takes over has to know the session that it must kill
                    if led != self.leases.held:
                        led = await self._follow(tail, led, self.leases.held)
                    records = [record for record in await tail.fetch(wait=IDLE) if record.place in led]
                    for chunk in chunks(records):
                        await self._commit(chunk)
                    if not records:
                        await self._pass_gaps(tail, led)
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
            known = {place: self.progress[place] for place in gained}
            positions = await self._ledger.positions()
            for place in gained:
                if place not in positions or positions[place].fed < known[place]:
                    raise PositionsGone(f"the position of {place} is gone")
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

    async def _pass_gaps(self, tail: Tail, places: Iterable[Partition]) -> None:
        """Move the positions past what is no record: offsets that the markers of somebody's transaction took."""
        moves: dict[Partition, tuple[Position, Position]] = {}
        for place in places:
            at, position = await tail.position(place), self._positions[place]
            if at > position.fed:
                moves[place] = (position, position.past(at))
        if moves and self._session is not None:
            async with await self._session.start_transaction():
                await self._ledger.write(Judged(), {}, [], moves, self._session)
            self._moved({place: after for place, (_, after) in moves.items()})

    async def _commit(self, records: list[Record]) -> None:
        batch = Batch.of(records, {topic: TOPICS[topic].partitions for topic in self._ledger.projection.topics})
        await batch.open(self._facts)
        try:
            done = await self._transact(batch)
        except Undigested as error:
            logger.warning("a batch is folded event by event: %s", error)
            done = await self._transact(batch, careful=True)
        except OperationFailure as error:
            reason = _refusal(error)
            if reason is None and (error.code != EXPIRED or len(records) == 1):
                raise
            if len(records) > 1:  # MongoDB does not say of which record the document is that it refuses, or that took too long
                half = len(records) // 2
                await self._commit(records[:half])
                return await self._commit(records[half:])
            done = await self._transact(batch, refused=f"MongoDB refuses its document: {reason}"[:CAUSE])
        self._tell(batch, done)
        return None

    async def _transact(self, batch: Batch, *, careful: bool = False, refused: str | None = None) -> dict[Partition, Position]:
        if self._session is None:
            raise PositionLost("there is no session")
        async with await self._session.start_transaction():
            before = {place: self._positions[place] for place in batch.places}
            return await fold(batch, before, self._ledger, self._session, careful=careful, refused=refused)

    def _tell(self, batch: Batch, after: dict[Partition, Position]) -> None:
        """The batch is committed: wake who waits for it."""
        self.counts.batches += 1
        self.counts.parked += len(batch.parked)
        for (record, heading), verdict in zip(batch.judged, batch.verdicts, strict=True):
            if verdict is Verdict.ACCEPTED:
                self.counts.accepted += 1
            else:
                self.counts.void += 1
            waiting = self.verdicts.get(heading.attempt) if heading is not None and verdict is not Verdict.REPEATED else None
            if waiting is not None and not waiting.done():
                waiting.set_result((record.offset, verdict))
        self._moved(after)

    def _moved(self, after: Mapping[Partition, Position]) -> None:
        for place, position in after.items():
            self._positions[place] = position
            self.progress.advance(place, position.fed, position.parked)


def _refusal(error: OperationFailure) -> str | None:
    """Why MongoDB refuses a document for good, if that is what it says."""
    if isinstance(error, BulkWriteError):
        return next((str(each["errmsg"]) for each in error.details["writeErrors"] if each["code"] in REFUSED), None)
    return str(error) if error.code == TOO_DEEP else None


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


def _fail(failed: asyncio.Future[None], task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and not failed.done():
        logger.critical("the projector can not go on: %s ended", task.get_name(), exc_info=task.exception())
        failed.set_exception(task.exception() or RuntimeError(f"{task.get_name()} ended"))
