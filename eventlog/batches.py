"""One batch of records, from the log into the views: opened, judged, folded in memory, written once."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from eventlog.caching import Cache
from eventlog.documents import Encoded, Undigested, encode
from eventlog.entries import WAITS, Parked, Position
from eventlog.judging import Known, judge_batch
from eventlog.ledger import Folded, Ledger, scoped
from eventlog.opening import Read
from eventlog.projection import Doc, Fold, Key
from eventlog.record import Partition, Record
from eventlog.referee import Heading, Verdict, heading_of

BATCH_RECORDS = 2000
BATCH_BYTES = 4 << 20
CAUSE = 300  # characters of a cause: enough to see what it is, too few to keep what somebody wrote


@dataclass(slots=True)
class Batch:
    """Records of some partitions in their order, with what was read from each. `events` are those that `Opener.open` gives."""

    judged: list[Read]
    places: tuple[Partition, ...]
    events: list[Any] = field(default_factory=list)

    @classmethod
    def of(cls, reads: list[Read]) -> "Batch":
        """Make a batch of records and their headings."""
        return cls(reads, tuple(dict.fromkeys(record.place for record, _ in reads)))


def chunks(records: list[Record], partitions: Mapping[str, int]) -> Iterator[list[Read]]:
    """Read the headings of what a fetch gave, and cut it into batches of at most 2,000 records and 4 MiB."""
    chunk: list[Read] = []
    size = 0
    for record in records:
        if chunk and (len(chunk) == BATCH_RECORDS or size + record.size > BATCH_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append((record, heading_of(record, partitions[record.topic])))
        size += record.size
    if chunk:
        yield chunk


async def fold(
    batch: Batch,
    before: Mapping[Partition, Position],
    ledger: Ledger,
    cache: Cache,
    *,
    careful: bool = False,
    repeats: bool = False,
    refused: str | None = None,
) -> Folded:
    """Judge a batch and fold it in memory.

    What it reads belongs to the positions `before`, or the batch that is written from it is discarded by these.
    An event that a view can not digest parks its streams. Raises Undigested where a written document can not be finished: with `careful`
    the documents of each event are finished alone, so that the right one is parked. `repeats` says that an attempt was decided before,
    `refused` why a batch of one record has to be parked.
    """
    known = await _known(batch, before, ledger, cache, repeats=repeats)
    judged = judge_batch(batch.judged, before, known)
    accepted = [
        (record, heading, event)
        for (record, heading), event, verdict in zip(batch.judged, batch.events, judged.verdicts, strict=True)
        if verdict is Verdict.ACCEPTED and heading is not None and event is not None and record.offset >= before[record.place].fed
    ]
    stuck = await ledger.parked_streams(place for place in batch.places if before[place].parked is not None)
    folding = Fold(ledger.projection)
    folding.docs = await documents(wanted(folding, ((heading, event) for _, heading, event in accepted)), ledger, cache)
    absent = frozenset(key for key, doc in folding.docs.items() if doc is None)
    parked: list[Parked] = []
    for record, heading, event in accepted:
        waiting = stuck.setdefault(record.place, set())
        if waiting.intersection(heading.expects):
            cause: str | None = WAITS
        else:
            cause = refused or await digest(folding, heading, event, careful=careful)
        if cause is not None:
            parked.append(Parked(record.place, record.offset, tuple(heading.expects), cause, record.time, ledger.program))
            waiting.update(heading.expects)
    last = {record.place: record for record, _ in batch.judged}
    first = {each.place: each for each in reversed(parked)}
    moves = {place: (before[place], before[place].after(last[place], first.get(place))) for place in batch.places}
    return Folded(judged, known.versions, await finished(folding, folding.written), absent, parked, moves)


async def _known(batch: Batch, positions: Mapping[Partition, Position], ledger: Ledger, cache: Cache, *, repeats: bool) -> Known:
    """What the ledger holds about a batch; with `repeats` also which of its attempts are decided, where one is known to be."""
    known = Known()
    streams: set[str] = set()
    attempts: set[str] = set()
    below: list[str] = []
    for record, heading in batch.judged:
        prefix = scoped(record.place, "")
        if record.offset < positions[record.place].next:
            below.append(f"{prefix}{record.offset}")
        elif heading is not None:
            streams.update(prefix + stream for stream in heading.expects)
            streams.update(prefix + stream for stream in heading.reads)
            attempts.add(prefix + heading.attempt)
    known.versions, missing = cache.versions(streams)
    if missing:
        known.versions.update(dict.fromkeys(missing, 0))
        known.versions.update(await ledger.versions(missing))
    if attempts and repeats:
        known.decided.update(await ledger.decided(list(attempts)))
    if below:
        known.void.update(await ledger.voids(below))
    return known


async def documents(keys: list[Key], ledger: Ledger, cache: Cache) -> dict[Key, Doc | None]:
    """The documents that a batch needs, None for those that are not there."""
    found, missing = cache.documents(keys)
    by_view: dict[str, list[str]] = {}
    for name, doc_id in missing:
        by_view.setdefault(name, []).append(doc_id)
        found[name, doc_id] = None
    for name, ids in by_view.items():
        found.update({(name, doc_id): doc for doc_id, doc in (await ledger.documents(name, ids)).items()})
    return found


def wanted(folding: Fold, events: Iterable[tuple[Heading, Any]]) -> list[Key]:
    """The documents that a batch needs; an event of which a view can not say it is met again when it is digested."""
    keys: list[Key] = []
    for heading, event in events:
        try:
            keys += folding.wanted(event, heading.expects)
        except Exception:  # noqa: BLE001, S112 - `digest` asks once more, and tells
            continue
    return keys


async def digest(folding: Fold, heading: Heading, event: Any, *, careful: bool) -> str | None:
    """Fold one event; the reason why it has to wait, if it has to."""
    if isinstance(event, Exception):
        return _reason(event)
    try:
        changed = folding.changes(event, heading.expects)
        if careful:
            await finished(folding, changed)
    except Exception as error:  # noqa: BLE001 - what a view raises is anything; it parks this record's streams and nothing else
        return _reason(error)
    folding.take(changed)
    return None


async def finished(folding: Fold, changed: Mapping[Key, Doc | None]) -> dict[Key, Encoded | None]:
    """Changed documents as they are stored. Raises Undigested where one can not be derived or stored."""

    def finish() -> dict[Key, Encoded | None]:
        return {key: encode(key[1], doc) if doc is not None else None for key, doc in folding.finished(changed).items()}

    try:
        # What derives may take seconds (one long text is enough): requests and leases do not wait for it.
        return await asyncio.to_thread(finish) if folding.derives(changed) else finish()
    except Exception as error:
        raise Undigested(_reason(error)) from error


def _reason(error: Exception) -> str:
    text = str(error) if isinstance(error, Undigested) else f"{type(error).__name__}: {error}"
    return text[:CAUSE].encode("utf-8", "replace").decode()
