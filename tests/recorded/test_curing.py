"""Whatever waits in the recorded log, and however long: once it is digested the views are what they would be had it never waited.

A document that several streams feed must not depend on the order between these, or trying again would not be exact.
"""

from dataclasses import dataclass
from typing import Any

import bson
import pytest

from eventlog.documents import OPTIONS, encode
from eventlog.facts import Facts
from eventlog.memory import MemoryLog
from eventlog.projection import Doc, Fold
from eventlog.record import Partition, Record
from eventlog.referee import Verdict, heading_of
from eventlog.testing import CaughtUp, when_caught_up
from eventlog.topics import TOPICS
from tests.kit.recorded import READERS, chapters, hash_of, load


@dataclass
class Poisoned:
    """Facts of which one can not be opened."""

    facts: Facts
    poison: tuple[Partition, int]

    def decode(self, record: Record) -> Any:
        """See `eventlog.facts.Facts`."""
        if (record.place, record.offset) == self.poison:
            raise ValueError("it is poisoned")
        return self.facts.decode(record)

    async def catch_up(self) -> None:
        """See `eventlog.facts.Facts`."""
        await self.facts.catch_up()


def hashes(found: CaughtUp) -> dict[str, str]:
    return {view: hash_of(docs) for view, docs in found.documents.items()}


def cure(found: CaughtUp, log: MemoryLog, facts: Facts) -> None:
    """Fold what is parked onto the documents as a database has them."""
    fold = Fold(found.projection)
    fold.docs = {(view, doc_id): stored(doc_id, doc) for view, docs in found.documents.items() for doc_id, doc in docs.items()}
    for each in found.parked:
        record = log.records[each.place][each.offset]
        heading = heading_of(record, TOPICS[record.topic].partitions)
        assert heading is not None
        fold.apply(facts.decode(record), heading.expects)
    for (view, doc_id), doc in fold.finished(fold.written).items():
        if doc is None:
            del found.documents[view][doc_id]
        else:
            found.documents[view][doc_id] = doc


def stored(doc_id: str, doc: Doc) -> Doc:
    found: Doc = bson.decode(encode(doc_id, doc).raw, OPTIONS)
    return found


@pytest.mark.parametrize("service", READERS)
async def test_whichever_record_waits_the_views_come_to_the_same(service: str) -> None:
    log, reader = load(chapters()), READERS[service]
    async with reader.facts(log) as facts:
        healthy = await when_caught_up(log, reader.projection, facts)
        accepted = [at for at, verdict in healthy.verdicts.items() if verdict is Verdict.ACCEPTED]
        waited = 0
        for poison in accepted:
            found = await when_caught_up(log, reader.projection, Poisoned(facts, poison))  # type: ignore[arg-type]  # all that is asked of it
            waited += len(found.parked)

            cure(found, log, facts)

            assert hashes(healthy) == hashes(found), poison

    assert waited > len(accepted) / 2  # but for the closings of commands, each was parked
