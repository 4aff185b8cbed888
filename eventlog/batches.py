"""One batch of records, from the log into the views: opened, judged, folded in memory, written once."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

from bson.raw_bson import RawBSONDocument

from eventlog.documents import Undigested, encode
from eventlog.entries import Parked, Position
from eventlog.facts import Facts
from eventlog.judging import judge_batch
from eventlog.ledger import Ledger, Session
from eventlog.projection import Doc, Fold, Key
from eventlog.record import Partition, Record
from eventlog.referee import Heading, Verdict, heading_of
from events.sealing import KeyMissing

P = ParamSpec("P")
R = TypeVar("R")

BATCH_RECORDS = 2000
BATCH_BYTES = 4 << 20
CAUSE = 300  # characters of a cause: enough to see what it is, too few to keep what somebody wrote


@dataclass(slots=True)
class Batch:
    """Records of some partitions in their order, with what was read from each."""

    judged: list[tuple[Record, Heading | None]]
    places: tuple[Partition, ...]
    events: list[Any] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    parked: list[Parked] = field(default_factory=list)

    @classmethod
    def of(cls, records: list[Record], partitions: Mapping[str, int]) -> "Batch":
        """Read the headings of some records."""
        return cls(
            [(record, heading_of(record, partitions[record.topic])) for record in records],
            tuple(dict.fromkeys(record.place for record in records)),
        )

    async def open(self, facts: Facts) -> None:
        """Open every event, before the transaction begins: the key topics may have to be read.

        Of what can not be opened the reason is kept instead.
        """
        caught_up = False
        for record, heading in self.judged:
            if heading is None or not heading.expects:
                self.events.append(None)  # void, or a command that was closed: nothing for a view
                continue
            event = _opened(facts, record)
            if isinstance(event, KeyMissing) and not caught_up:
                await facts.catch_up()
                caught_up = True
                event = _opened(facts, record)
            self.events.append(event)


def _opened(facts: Facts, record: Record) -> Any:
    try:
        return facts.decode(record)
    except Exception as error:  # noqa: BLE001 - whatever a record holds, it may park its own streams and stop nothing else
        return error


def chunks(records: list[Record]) -> Iterator[list[Record]]:
    """Cut what a fetch gave into batches of at most 2,000 records and 4 MiB."""
    chunk: list[Record] = []
    size = 0
    for record in records:
        if chunk and (len(chunk) == BATCH_RECORDS or size + record.size > BATCH_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(record)
        size += record.size
    if chunk:
        yield chunk


async def fold(
    batch: Batch,
    before: Mapping[Partition, Position],
    ledger: Ledger,
    session: Session,
    *,
    careful: bool = False,
    refused: str | None = None,
) -> dict[Partition, Position]:
    """Judge a batch and write what follows from it, inside the session's transaction; where the positions stand then.

    An event that a view can not digest parks its streams. Raises Undigested where a written document can not be finished: with `careful`
    the documents of each event are finished alone, so that the right one is parked. `refused` says why a batch of one record has to be
    parked. Raises PositionLost and pymongo's errors.
    """
    judged = judge_batch(batch.judged, before, await ledger.known(batch.judged, before, session))
    batch.verdicts, batch.parked = judged.verdicts, []
    accepted = [
        (record, heading, event)
        for (record, heading), event, verdict in zip(batch.judged, batch.events, judged.verdicts, strict=True)
        if verdict is Verdict.ACCEPTED and heading is not None and event is not None and record.offset >= before[record.place].fed
    ]
    stuck = await ledger.parked_streams([p for p in batch.places if before[p].parked is not None], session) if accepted else {}
    folding = Fold(ledger.projection)
    folding.docs = await ledger.documents(_wanted(folding, accepted), session)
    for record, heading, event in accepted:
        waiting = stuck.setdefault(record.place, set())
        if waiting.intersection(heading.expects):
            cause: str | None = "it waits for an earlier record of its stream"
        else:
            cause = refused or await _beside(careful and folding.derives, _digest, folding, heading, event, careful)
        if cause is not None:
            batch.parked.append(Parked(record.place, record.offset, tuple(heading.expects), cause, record.time))
            waiting.update(heading.expects)
    after = {}
    for place in batch.places:
        records = [record for record, _ in batch.judged if record.place == place]
        after[place] = before[place].after(records, [each for each in batch.parked if each.place == place])
    results = await _beside(folding.derives, _finished, folding, folding.written)
    await ledger.write(judged, results, batch.parked, {place: (before[place], after[place]) for place in batch.places}, session)
    return after


async def _beside(costly: bool, work: Callable[P, R], /, *args: P.args, **named: P.kwargs) -> R:  # noqa: FBT001 - its one caller's word
    """Do what may take seconds (one long text is enough) on a thread: requests and leases do not wait for it."""
    return await asyncio.to_thread(work, *args, **named) if costly else work(*args, **named)


def _wanted(folding: Fold, accepted: list[tuple[Record, Heading, Any]]) -> list[Key]:
    """The documents that a batch needs; an event of which a view can not say it is met again when it is digested."""
    keys: list[Key] = []
    for _, heading, event in accepted:
        try:
            keys += folding.wanted(event, heading.expects)
        except Exception:  # noqa: BLE001, S112 - `_digest` asks once more, and tells
            continue
    return keys


def _digest(folding: Fold, heading: Heading, event: Any, careful: bool) -> str | None:  # noqa: FBT001 - called through `_beside`
    """Fold one event; the reason why it has to wait, if it has to."""
    if isinstance(event, Exception):
        return _reason(event)
    try:
        changed = folding.changes(event, heading.expects)
        if careful:
            _finished(folding, changed)
    except Exception as error:  # noqa: BLE001 - what a view raises is anything; it parks this record's streams and nothing else
        return _reason(error)
    folding.take(changed)
    return None


def _finished(folding: Fold, changed: Mapping[Key, Doc | None]) -> dict[str, dict[str, RawBSONDocument | None]]:
    """Changed documents as they are stored. Raises Undigested where one can not be derived or stored."""
    try:
        return {
            collection: {doc_id: encode(doc_id, doc) if doc is not None else None for doc_id, doc in docs.items()}
            for collection, docs in folding.finished(changed).items()
        }
    except Exception as error:
        raise Undigested(_reason(error)) from error


def _reason(error: Exception) -> str:
    text = str(error) if isinstance(error, Undigested) else f"{type(error).__name__}: {error}"
    return text[:CAUSE].encode("utf-8", "replace").decode()
