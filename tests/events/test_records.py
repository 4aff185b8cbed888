from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest

from events.base import Event
from events.records import HEAD, Reader, Writer
from events.schema import schema_of

AT = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)


class Colour(StrEnum):
    GREY = "grey"
    RED = "red"


class Shade(StrEnum):
    GREY = "grey"
    RED = "red"
    GREEN = "green"


@dataclass(frozen=True, kw_only=True)
class Old(Event):
    TYPE: ClassVar[str] = "inkstream.test.v1"
    who: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Grown(Event):
    TYPE: ClassVar[str] = "inkstream.test.v1"
    who: UUID
    tags: tuple[str, ...] = ()
    friends: tuple[UUID, ...] = ()
    friend: UUID | None = None
    count: int = 3
    colour: Colour = Colour.RED
    at: datetime


def written(record: Any) -> bytes:
    writer = Writer(type(record))
    return writer.write(writer.values(record))


def read(cls: type[Event], value: bytes, written_as: type[Event]) -> Event:
    reader = Reader(cls, schema_of(written_as))
    return reader.make(reader.values(value))


def test_a_record_comes_back_as_it_was() -> None:
    grown = Grown(who=uuid4(), tags=("a", ""), friends=(uuid4(), uuid4()), friend=uuid4(), count=-(2**63), colour=Colour.GREY, at=AT)

    assert read(Grown, written(grown), Grown) == grown


def test_fields_that_came_later_have_their_defaults_in_what_was_written_before() -> None:
    who = uuid4()

    assert read(Grown, written(Old(who=who, at=AT)), Old) == Grown(who=who, at=AT)


def test_fields_that_came_later_are_passed_over_by_a_class_that_lacks_them() -> None:
    who = uuid4()

    assert read(Old, written(Grown(who=who, friend=uuid4(), at=AT)), Grown) == Old(who=who, at=AT)


def test_a_choice_that_the_class_does_not_know_reads_as_its_first() -> None:
    later = Shade
    later.__name__ = Colour.__name__

    @dataclass(frozen=True, kw_only=True)
    class Later(Event):
        TYPE: ClassVar[str] = "inkstream.test.v1"
        colour: Shade
        at: datetime

    @dataclass(frozen=True, kw_only=True)
    class Now(Event):
        TYPE: ClassVar[str] = "inkstream.test.v1"
        colour: Colour
        at: datetime

    assert read(Now, written(Later(colour=Shade.GREEN, at=AT)), Later) == Now(colour=Colour.GREY, at=AT)


@pytest.mark.parametrize(
    "at", [datetime(1, 1, 1, tzinfo=UTC), datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
)
def test_a_time_keeps_its_microseconds(at: datetime) -> None:
    record = read(Old, written(Old(who=uuid4(), at=at)), Old)

    assert record.at == at
    assert record.at.tzinfo is UTC


def test_a_time_without_a_zone_is_a_fault_of_the_program() -> None:
    with pytest.raises(TypeError):
        written(Old(who=uuid4(), at=AT.replace(tzinfo=None)))


def test_an_id_is_an_id_like_any_other() -> None:
    who = uuid4()

    record = read(Old, written(Old(who=who, at=AT)), Old)

    assert isinstance(record, Old)
    assert (record.who, hash(record.who), record.who.is_safe, str(record.who)) == (who, hash(who), who.is_safe, str(who))


def test_a_record_that_was_read_can_not_be_changed() -> None:
    record = read(Old, written(Old(who=uuid4(), at=AT)), Old)

    with pytest.raises(AttributeError):
        record.at = AT


@pytest.mark.parametrize("spoil", [lambda value: value + b"\0", lambda value: value[:-1], lambda value: value[:HEAD]])
def test_bytes_too_many_or_too_few_are_noticed(spoil: Any) -> None:
    with pytest.raises((ValueError, EOFError, IndexError)):
        read(Old, spoil(written(Old(who=uuid4(), at=AT))), Old)
