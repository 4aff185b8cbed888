"""Commits batches: each is folded in memory and written in one MongoDB transaction, with its verdicts and positions, or not at all."""

import contextlib
import logging
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from pymongo.client_session_shared import TransactionOptions
from pymongo.errors import BulkWriteError, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from eventlog.batches import CAUSE, Batch, Folded, fold
from eventlog.caching import Cache
from eventlog.documents import Undigested
from eventlog.entries import AttemptKnown, Position, PositionLost
from eventlog.facts import Facts
from eventlog.judging import Judged
from eventlog.ledger import Ledger, Session
from eventlog.record import Partition, Record
from eventlog.topics import TOPICS

logger = logging.getLogger(__name__)

TOO_DEEP = 15
# What MongoDB says of a document that it will never take: bad value, nested too deep, names that are operators, two arrays in one index,
# too large in its three places. Anything else may pass.
REFUSED = frozenset({2, 9, TOO_DEEP, 52, 57, 171, 10334, 17280, 17419})

Committed = Callable[[Batch, Folded], None]


class Committer:
    """Commits what one projector has read, from the positions that it knows of.

    When anything goes wrong the batch is discarded, and the session and all that was cached with it by `close`.
    """

    def __init__(self, ledger: Ledger, facts: Facts, committed: Committed) -> None:
        self._ledger = ledger
        self._facts = facts
        self._committed = committed
        self._partitions = {topic: TOPICS[topic].partitions for topic in ledger.projection.topics}
        self._session: Session | None = None
        self._cache = Cache()
        self.positions: dict[Partition, Position] = {}

    @property
    def session(self) -> UUID | None:
        """The id of the session that writes, while there is one."""
        return self._session.session_id["id"].as_uuid() if self._session is not None else None

    def open(self) -> None:
        """Begin a session."""
        options = TransactionOptions(read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority"))
        self._session = self._ledger.database.client.start_session(default_transaction_options=options)

    async def close(self) -> None:
        """End the session, and forget what was cached."""
        self._cache.clear()
        session, self._session = self._session, None
        if session is not None:
            with contextlib.suppress(PyMongoError):
                await session.end_session()

    def begin(self, positions: Mapping[Partition, Position]) -> None:
        """Go on with some partitions from where they stand; others may have moved them, so nothing that was cached counts."""
        self._cache.clear()
        self.positions.update(positions)

    async def commit(self, records: list[Record]) -> None:
        """Commit some records. Raises PositionLost, pymongo's errors, and OutcomeUnknown where keys are not read."""
        batch = Batch.of(records, self._partitions)
        await batch.open(self._facts)
        how: dict[str, Any] = {}
        while True:
            try:
                folded = await self._transact(batch, **how)
            except AttemptKnown:
                if "repeats" in how:
                    raise
                how["repeats"] = True
            except Undigested as error:
                if "careful" in how:
                    raise
                logger.warning("a batch is folded event by event: %s", error)
                how["careful"] = True
            except OperationFailure as error:
                reason = _refusal(error)
                if reason is None or "refused" in how:
                    raise
                if len(records) > 1:  # MongoDB does not say of which record the document is that it refuses
                    half = len(records) // 2
                    await self.commit(records[:half])
                    return await self.commit(records[half:])
                how["refused"] = f"MongoDB refuses its document: {reason}"[:CAUSE]
            else:
                return self._committed(batch, folded)

    async def move(self, ends: Mapping[Partition, int]) -> dict[Partition, Position]:
        """Move positions past what is no record; where they stand then."""
        moves = {place: (self.positions[place], self.positions[place].past(end)) for place, end in ends.items()}
        await self._write(Folded(Judged(), {}, {}, frozenset(), [], moves))
        return {place: after for place, (_, after) in moves.items()}

    async def _transact(self, batch: Batch, **how: Any) -> Folded:
        before = {place: self.positions[place] for place in batch.places}
        folded = await fold(batch, before, self._ledger, self._cache, **how)
        await self._write(folded)
        self._cache.keep(folded.versions, folded.written)
        return folded

    async def _write(self, folded: Folded) -> None:
        if self._session is None:
            raise PositionLost("there is no session")
        async with await self._session.start_transaction():
            await self._ledger.write(folded.judged, folded.written, folded.absent, folded.parked, folded.moves, self._session)
        self.positions.update({place: after for place, (_, after) in folded.moves.items()})


def _refusal(error: OperationFailure) -> str | None:
    """Why MongoDB refuses a document for good, if that is what it says."""
    if isinstance(error, BulkWriteError):
        return next((str(each["errmsg"]) for each in error.details["writeErrors"] if each["code"] in REFUSED), None)
    return str(error) if error.code == TOO_DEEP else None
