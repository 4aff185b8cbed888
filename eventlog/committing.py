"""Commits batches: each is folded in memory and written in one MongoDB transaction, with its verdicts and positions, or not at all."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from pymongo.errors import BulkWriteError, OperationFailure

from eventlog.batches import CAUSE, Batch, fold
from eventlog.caching import Cache
from eventlog.documents import Undigested
from eventlog.entries import AttemptKnown, Position, PositionLost
from eventlog.facts import Facts
from eventlog.judging import Judged
from eventlog.ledger import Folded, Ledger, Writer
from eventlog.opening import Opener, Read
from eventlog.record import Partition

logger = logging.getLogger(__name__)

TOO_DEEP = 15
# What MongoDB says of a document that it will never take: bad value, nested too deep, names that are operators, two arrays in one index,
# too large in its three places. Anything else may pass.
REFUSED = frozenset({2, 9, TOO_DEEP, 52, 57, 171, 10334, 17280, 17419})

Committed = Callable[[Batch, Folded], None]
Folding = Callable[..., Awaitable[Folded]]  # of a cache, and how: `careful`, `refused` and `repeats` as `batches.fold` has them


class Committer:
    """Commits what one projector has read, from the positions that it knows of.

    When anything goes wrong the batch is discarded, and the writer and all that was cached with it by `close`.
    """

    def __init__(self, ledger: Ledger, facts: Facts, committed: Committed) -> None:
        self._ledger = ledger
        self._opener = Opener(facts)
        self._committed = committed
        self._writer: Writer | None = None
        self._cache = Cache()
        self.positions: dict[Partition, Position] = {}

    @property
    def writer(self) -> UUID | None:
        """The id of the writer, while there is one."""
        return self._writer.id if self._writer is not None else None

    def open(self) -> None:
        """Begin to write."""
        self._writer = self._ledger.writer()

    async def close(self) -> None:
        """Write no more, and forget what was cached."""
        self._cache.clear()
        self._opener.forget()
        writer, self._writer = self._writer, None
        if writer is not None:
            await writer.close()

    def begin(self, positions: Mapping[Partition, Position]) -> None:
        """Go on with some partitions from where they stand; others may have moved them, so nothing that was cached counts."""
        self._cache.clear()
        self.positions.update(positions)

    def judged_by_others(self, positions: Mapping[Partition, Position]) -> None:
        """Take note of how far others have judged some partitions; what was cached of the views still counts."""
        for place, judged in positions.items():
            if self.positions[place].next != judged.next:
                self._cache.forget_versions()
            self.positions[place] = replace(self.positions[place], next=judged.next, last=judged.last)

    async def open_ahead(self, reads: Iterable[Read]) -> None:
        """Open what is to be committed next. It may be cancelled at any time."""
        await self._opener.open_ahead(reads)

    async def commit(self, reads: list[Read]) -> None:
        """Commit some records. Raises PositionLost, pymongo's errors, and OutcomeUnknown where keys are not read."""
        batch = Batch.of(reads)
        before = {place: self.positions[place] for place in batch.places}
        folded = await self.insist(batch, lambda cache, **how: fold(batch, before, self._ledger, cache, **how))
        if folded is None:  # MongoDB does not say of which record the document is that it refuses
            half = len(reads) // 2
            await self.commit(reads[:half])
            await self.commit(reads[half:])
        else:
            self._committed(batch, folded)

    async def insist(self, batch: Batch, folding: Folding) -> Folded | None:
        """Open a batch, fold it and write what follows; None where MongoDB refuses a document of one of several records.

        Raises what `commit` does.
        """
        if not batch.events:
            batch.events = await self._opener.open(batch.judged)
        how: dict[str, Any] = {}
        while True:
            try:
                folded = await folding(self._cache, **how)
                await self._write(folded)
            except (AttemptKnown, Undigested, OperationFailure) as error:
                if not _otherwise(error, how, alone=len(batch.judged) <= 1):
                    return None
            else:
                self._cache.keep(folded.versions, folded.written)
                return folded

    async def move(self, ends: Mapping[Partition, int]) -> dict[Partition, Position]:
        """Move positions past what is no record; where they stand then."""
        moves = {place: (self.positions[place], self.positions[place].past(end)) for place, end in ends.items()}
        await self._write(Folded(Judged(), {}, {}, frozenset(), [], moves))
        return {place: after for place, (_, after) in moves.items()}

    async def _write(self, folded: Folded) -> None:
        if self._writer is None:
            raise PositionLost("there is no writer")
        await self._writer.write(folded)
        self.positions.update({place: after for place, (_, after) in folded.moves.items()})


def _otherwise(error: Exception, how: dict[str, Any], *, alone: bool) -> bool:
    """Put into `how` what helps against an error; False where the records have to be folded apart. Raises it where nothing helps."""
    if isinstance(error, AttemptKnown) and "repeats" not in how:
        how["repeats"] = True
    elif isinstance(error, Undigested) and "careful" not in how:
        logger.warning("a batch is folded event by event: %s", error)
        how["careful"] = True
    else:
        reason = _refusal(error) if isinstance(error, OperationFailure) else None
        if reason is None or "refused" in how:
            raise error
        if not alone:
            return False
        how["refused"] = f"MongoDB refuses its document: {reason}"[:CAUSE]
    return True


def _refusal(error: OperationFailure) -> str | None:
    """Why MongoDB refuses a document for good, if that is what it says."""
    if isinstance(error, BulkWriteError):
        return next((str(each["errmsg"]) for each in error.details["writeErrors"] if each["code"] in REFUSED), None)
    return str(error) if error.code == TOO_DEEP else None
