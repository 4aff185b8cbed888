"""One batch of records, from the log into the views: opened, judged, folded in memory, written once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import bson

from eventlog.facts import Facts
from eventlog.ledger import Ledger, Parked, Position, Session, advanced
from eventlog.projection import Fold
from eventlog.record import Partition, Record
from eventlog.referee import Heading, Verdict, heading_of
from events.codec import Malformed, UnknownSchema
from events.sealing import KeyMissing

BATCH_RECORDS = 2000
BATCH_BYTES = 4 << 20
DOCUMENT_BYTES = 15 << 20  # MongoDB's own limit is 16 MiB


class Undigested(Exception):
    """A view could not take an event; in the careful way the record is parked for it."""


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
            [(record, heading_of(record, partitions[record.topic])) for record in records], tuple({record.place for record in records})
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
            try:
                self.events.append(facts.decode(record))
            except KeyMissing:
                if not caught_up:
                    await facts.catch_up()
                    caught_up = True
                self.events.append(_opened(facts, record))
            except (UnknownSchema, Malformed) as error:
                self.events.append(error)


def _opened(facts: Facts, record: Record) -> Any:
    try:
        return facts.decode(record)
    except (KeyMissing, UnknownSchema, Malformed) as error:
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
    batch: Batch, before: Mapping[Partition, Position], ledger: Ledger, session: Session, *, careful: bool
) -> dict[Partition, Position]:
    """Judge a batch and write what follows from it, inside the session's transaction; where the positions stand then.

    A view that raises fails the batch; with `careful` each record is tried alone, and one that a view can not digest parks its streams.
    Raises PositionLost, pymongo's errors, and what views raise.
    """
    judged = await ledger.judge(batch.judged, before, session)
    batch.verdicts = judged.verdicts
    batch.parked = []
    accepted = [
        (record, heading, event)
        for (record, heading), event, verdict in zip(batch.judged, batch.events, judged.verdicts, strict=True)
        if verdict is Verdict.ACCEPTED and heading is not None and event is not None and record.offset >= before[record.place].fed
    ]
    stuck = await ledger.parked_streams([p for p in batch.places if before[p].parked is not None], session) if accepted else {}
    folding = Fold(ledger.projection)
    good = [(heading, event) for _, heading, event in accepted if not isinstance(event, Exception)]
    folding.docs = await ledger.documents([key for heading, event in good for key in folding.wanted(event, heading.expects)], session)
    for record, heading, event in accepted:
        waiting = stuck.get(record.place, set())
        cause = (
            "it waits for an earlier record of its stream"
            if waiting.intersection(heading.expects)
            else _digest(folding, heading, event, careful=careful)
        )
        if cause is not None:
            batch.parked.append(Parked(record.place, record.offset, tuple(heading.expects), cause, record.time))
            stuck.setdefault(record.place, set()).update(heading.expects)
    after = {}
    for place in batch.places:
        records = [record for record, _ in batch.judged if record.place == place]
        after[place] = advanced(before[place], records, [each for each in batch.parked if each.place == place])
    await ledger.write(judged, folding.results(), batch.parked, {place: (before[place], after[place]) for place in batch.places}, session)
    return after


def _digest(folding: Fold, heading: Heading, event: Any, *, careful: bool) -> str | None:
    """Fold one event; the reason why it has to wait, if it has to."""
    if isinstance(event, Exception):
        return f"{type(event).__name__}: {event}"
    if not careful:
        folding.apply(event, heading.expects)
        return None
    trial = Fold(folding.projection, dict(folding.docs))
    try:
        trial.apply(event, heading.expects, derived=True)
        for doc in trial.written.values():
            if doc is not None and len(bson.encode(doc)) > DOCUMENT_BYTES:
                raise Undigested("its document would be larger than MongoDB takes")  # noqa: TRY301 - told like what views raise
    except Exception as error:  # noqa: BLE001 - what a view raises is anything; it parks this record's streams and nothing else
        return f"{type(error).__name__}: {error}"
    folding.apply(event, heading.expects)
    return None
