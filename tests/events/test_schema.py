import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

import pytest

from events.base import Event, Personal
from events.posts import PostAddress
from events.schema import fingerprint, schema_of


class Colour(StrEnum):
    GREY = "grey"
    RED = "red"


@dataclass(frozen=True, kw_only=True)
class Everything(Event):
    TYPE: ClassVar[str] = "inkstream.every-thing.v1"
    first: UUID
    second: UUID | None
    address: Personal[PostAddress]
    count: int = 7
    sure: bool = True
    name: str = "x"
    tags: tuple[str, ...] = ()
    colour: Colour = Colour.RED
    raw: bytes
    at: datetime


def test_a_class_becomes_an_avro_record() -> None:
    schema = schema_of(Everything)

    assert schema == {
        "type": "record",
        "name": "inkstream.every_thing.v1",
        "fields": [
            {"name": "first", "type": {"type": "fixed", "name": "inkstream.Uuid", "size": 16, "logicalType": "uuid"}},
            {"name": "second", "type": ["null", "inkstream.Uuid"], "default": None},
            {
                "name": "address",
                "type": {
                    "type": "record",
                    "name": "inkstream.Sealed",
                    "fields": [
                        {"name": "kid", "type": "inkstream.Uuid"},
                        {"name": "nonce", "type": "bytes"},
                        {"name": "ciphertext", "type": "bytes"},
                    ],
                },
                "personal": "inkstream.post-address.v1",
            },
            {"name": "count", "type": "long", "default": 7},
            {"name": "sure", "type": "boolean", "default": True},
            {"name": "name", "type": "string", "default": "x"},
            {"name": "tags", "type": {"type": "array", "items": "string"}, "default": []},
            {
                "name": "colour",
                "type": {"type": "enum", "name": "inkstream.Colour", "symbols": ["grey", "red"], "default": "grey"},
                "default": "red",
            },
            {"name": "raw", "type": "bytes"},
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        ],
    }


def test_two_choices_of_one_name_in_one_event_are_refused() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Mixed(Event):
        TYPE: ClassVar[str] = "inkstream.mixed.v1"
        one: Colour
        other: StrEnum("Colour", ["blue"])  # type: ignore[valid-type] # made here so that the names meet
        at: datetime

    with pytest.raises(TypeError, match="two types"):
        schema_of(Mixed)


def test_two_groups_of_one_type_in_one_event_are_refused() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Twins(Event):
        TYPE: ClassVar[str] = "inkstream.twins.v1"
        one: Personal[PostAddress]
        other: Personal[PostAddress] | None = None
        at: datetime

    with pytest.raises(TypeError, match="exchanged"):
        schema_of(Twins)


@pytest.mark.parametrize("annotation", [float, dict[str, str], int | str, tuple[int, str]])
def test_a_type_that_the_storage_format_does_not_have_is_refused(annotation: object) -> None:
    odd: type[Event] = dataclass(frozen=True, kw_only=True)(
        type("Odd", (Event,), {"TYPE": "inkstream.odd.v1", "__annotations__": {"field": annotation}})
    )

    with pytest.raises(TypeError, match="storage format"):
        schema_of(odd)


@pytest.mark.parametrize(("annotation", "default"), [(int | None, 3), (bytes, b"x"), (tuple[str, ...], ("x",))])
def test_a_default_that_the_storage_format_does_not_have_is_refused(annotation: object, default: object) -> None:
    made = type("Odd", (Event,), {"TYPE": "inkstream.odd.v1", "__annotations__": {"field": annotation}, "field": default})
    odd: type[Event] = dataclass(frozen=True, kw_only=True)(made)

    with pytest.raises(TypeError, match="default"):
        schema_of(odd)


@pytest.mark.parametrize(
    ("schema", "vector"),
    [  # from the Avro project's shared test data (schema-tests.txt): the fingerprint as a number
        ('"null"', 0x63DD24E7CC258F8A),
        ('"boolean"', 0x9F42FC78A4D4F764),
        ('"int"', 0x7275D51A3F395C8F),
        ('"long"', 0xD054E14493F41DB7),
        ('"string"', 0x8F014872634503C7),
        ('"bytes"', 0x4FC016DAC3201965),
    ],
)
def test_fingerprints_are_avros_with_the_lowest_byte_first(schema: str, vector: int) -> None:
    assert fingerprint(json.loads(schema)) == vector.to_bytes(8, "little")
