"""Programs of several versions on one log: a schema that is not known yet parks its streams, any version that is known is read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import ClassVar
from uuid import UUID

import pytest

from dev.compatibility import obstacles
from eventlog.memory import MemoryLog
from eventlog.projection import Doc, Projection, View
from eventlog.record import Partition
from eventlog.testing import CaughtUp, put, when_caught_up
from events import base, codec
from events.base import Event
from events.catalogue import published
from events.records import Writer
from events.schema import Schema, fingerprint, schema_of
from events.sessions import Ending, SessionClosed
from tests.kit.recorded import READERS, chapters, load

AT = datetime(2026, 3, 2, tzinfo=UTC)
SESSION, OTHER, SOMEBODY = UUID(int=71), UUID(int=72), UUID(int=73)
CLOSED = SessionClosed(session_id=SESSION, user_id=SOMEBODY, reason=Ending.REVOKED, at=AT)


@dataclass(frozen=True, kw_only=True)
class Grown(Event):
    """What `SessionClosed` becomes one day."""

    TYPE: ClassVar[str] = SessionClosed.TYPE
    session_id: UUID
    user_id: UUID
    reason: Ending
    place: str = "nowhere"
    at: datetime


LATER = Grown(session_id=SESSION, user_id=SOMEBODY, reason=Ending.REVOKED, place="Paris", at=AT)
SEEN = View(
    name="seen",
    route=lambda event: [str(event.session_id)] if event.TYPE == SessionClosed.TYPE else [],
    evolve=lambda doc, event: {"times": (doc["times"] if doc else 0) + 1, "place": getattr(event, "place", "unknown here")},
)
PROJECTION = Projection(name="closings", version=1, topics=("sessions",), views=(SEEN,))


class Pen:
    """Facts of today's program and of a later one."""

    def encode(self, event: Event, attempt: UUID) -> bytes:
        del attempt
        writer = Writer(type(event))
        return writer.write(writer.values(event))


@pytest.fixture(autouse=True)
def _no_program_is_remembered() -> Iterator[None]:
    yield
    codec._event_reader.cache_clear()
    codec._writer.cache_clear()


def learn(monkeypatch: pytest.MonkeyPatch, *schemas: Schema, cls: type[Event] | None = None) -> None:
    """Go on as a program that has further schemas, and maybe a grown class."""
    known: Mapping[bytes, Schema] = {**published(), **{fingerprint(schema): schema for schema in schemas}}
    monkeypatch.setattr(codec, "published", lambda: known)
    if cls is not None:
        monkeypatch.setitem(base._EVENTS, cls.TYPE, cls)
    codec._event_reader.cache_clear()


async def folded(log: MemoryLog) -> CaughtUp:
    async with READERS["auth"].facts(log) as facts:
        return await when_caught_up(log, PROJECTION, facts)


async def say(log: MemoryLog, event: Event, version: int, session: UUID = SESSION) -> tuple[Partition, int]:
    return await put(log, Pen(), event, {f"session:{session}": version}, topic="sessions", key=str(SESSION))  # type: ignore[arg-type]  # it only writes


async def test_what_a_later_program_wrote_parks_its_stream_in_order_and_no_other() -> None:
    log = MemoryLog()
    for event, version, session in (
        (CLOSED, 0, SESSION),
        (LATER, 1, SESSION),
        (CLOSED, 2, SESSION),
        (replace(CLOSED, session_id=OTHER), 0, OTHER),
    ):
        await say(log, event, version, session)

    found = await folded(log)

    assert {str(SESSION): 1, str(OTHER): 1} == {doc_id: doc["times"] for doc_id, doc in found["seen"].items()}
    assert [1, 2] == [parked.offset for parked in found.parked]
    assert ["UnknownSchema", "it waits for an earlier record of its stream"] == [each.cause.partition(":")[0] for each in found.parked]
    assert 3 == next(iter(found.versions.values()))


async def test_a_program_that_has_the_schema_reads_it_whether_its_class_has_grown_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    log = MemoryLog()
    await say(log, LATER, 0)

    learn(monkeypatch, schema_of(Grown))
    without = await folded(log)
    learn(monkeypatch, schema_of(Grown), cls=Grown)
    grown = await folded(log)

    assert {"_id": str(SESSION), "times": 1, "place": "unknown here"} == without["seen"][str(SESSION)]
    assert {"_id": str(SESSION), "times": 1, "place": "Paris"} == grown["seen"][str(SESSION)]
    assert [] == [*without.parked, *grown.parked]


async def test_a_grown_class_reads_what_was_recorded_before_with_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    log = load(chapters())

    before = await folded(log)
    learn(monkeypatch, schema_of(Grown), cls=Grown)
    after = await folded(log)

    def placed(found: CaughtUp) -> dict[str, Doc]:
        return {doc_id: {**doc, "place": "nowhere"} for doc_id, doc in found["seen"].items()}

    assert before["seen"]
    assert placed(before) == after["seen"]
    assert (before.versions, before.voids, []) == (after.versions, after.voids, after.parked)


def test_the_grown_class_is_one_that_may_be_released() -> None:
    assert [] == obstacles([schema_of(SessionClosed), schema_of(Grown)])
