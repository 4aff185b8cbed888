"""The views of a log, when caught up, without any database; and the documents that some events make, without any log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from eventlog.entries import Parked
from eventlog.judging import Judged
from eventlog.log import Log, places_of
from eventlog.projection import Doc, Fold, Projection
from eventlog.record import Partition, Record
from eventlog.referee import Heading, Verdict
from eventlog.testing.facts import Facts
from eventlog.verifying import judgements

Documents = dict[str, dict[str, Doc]]  # a view's name to a document's id to the document


def folded(projection: Projection, *facts: tuple[Any, Mapping[str, int]]) -> Documents:
    """The documents that some events make, each with the streams that it expects at their versions."""
    fold = Fold(projection)
    for event, expects in facts:
        fold.apply(event, expects)
    return _documents(fold)


@dataclass(slots=True)
class CaughtUp:
    """What a log comes to: verdicts by place and offset, the ledger's entries, the documents of all views, and what is parked."""

    projection: Projection
    verdicts: dict[tuple[Partition, int], Verdict] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    attempts: dict[str, Doc] = field(default_factory=dict)
    voids: dict[str, Doc] = field(default_factory=dict)
    parked: list[Parked] = field(default_factory=list)
    documents: Documents = field(default_factory=dict)

    def take(self, record: Record, judged: Judged) -> None:
        """Note down what was judged of a record."""
        [self.verdicts[record.place, record.offset]] = judged.verdicts
        self.versions |= judged.versions
        self.attempts |= {doc["_id"]: doc for doc in judged.attempts}
        self.voids |= {doc["_id"]: doc for doc in judged.voids}

    def __getitem__(self, view: str) -> dict[str, Doc]:
        """The documents of a view, by their ids."""
        return self.documents[view]


async def when_caught_up(log: Log, projection: Projection, facts: Facts) -> CaughtUp:
    """Judge and fold all that a log holds now, in memory, as a service does: what a view can not digest parks its streams."""
    await facts.catch_up()
    found, fold = CaughtUp(projection), Fold(projection)
    async for record, heading, judged in judgements(log, places_of(projection.topics)):
        [verdict] = judged.verdicts
        found.take(record, judged)
        if verdict is Verdict.ACCEPTED and heading is not None and heading.expects:
            cause = _waits(found, record, heading) or _digest(fold, facts, record, heading)
            if cause is not None:
                found.parked.append(Parked(record.place, record.offset, tuple(heading.expects), cause, record.time))
    found.documents = _documents(fold)
    return found


def _waits(found: CaughtUp, record: Record, heading: Heading) -> str | None:
    waiting = {stream for each in found.parked if each.place == record.place for stream in each.streams}
    return "it waits for an earlier record of its stream" if waiting.intersection(heading.expects) else None


def _digest(fold: Fold, facts: Facts, record: Record, heading: Heading) -> str | None:
    try:
        changed = fold.changes(facts.decode(record), heading.expects)
        fold.finished(changed)
    except Exception as error:  # noqa: BLE001 - whatever a record holds and a view raises, it parks this record's streams
        return f"{type(error).__name__}: {error}"
    fold.take(changed)
    return None


def _documents(fold: Fold) -> Documents:
    found: Documents = {view.name: {} for view in fold.projection.views}
    for (view, doc_id), doc in fold.finished(fold.docs).items():
        if doc is not None:
            found[view][doc_id] = doc
    return found
