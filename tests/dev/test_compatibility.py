"""The rules that versions of a schema keep: every released one keeps them, and each rule finds what breaks it."""

from collections.abc import Sequence
from typing import Any

import pytest

from dev.compatibility import obstacles
from events.catalogue import FOLDER, versions
from events.schema import Schema

UUID = {"type": "fixed", "name": "inkstream.Uuid", "size": 16, "logicalType": "uuid"}
TIME = {"type": "long", "logicalType": "timestamp-micros"}
COLOUR = {"type": "enum", "name": "inkstream.Colour", "symbols": ["grey", "red"], "default": "grey"}
PERSONAL = {"name": "who", "type": "inkstream.Uuid", "personal": "inkstream.profile.v1"}


def schema(*fields: dict[str, Any], name: str = "inkstream.thing.v1") -> Schema:
    return {"type": "record", "name": name, "fields": [{"name": "id", "type": UUID}, {"name": "at", "type": TIME}, *fields]}


def changed(node: Any, **changes: Any) -> Any:
    return {**node, **changes}


COUNT = {"name": "count", "type": "long", "default": 0}
WORDS = {"name": "words", "type": {"type": "array", "items": "string"}, "default": []}
MAYBE = {"name": "maybe", "type": ["null", "inkstream.Uuid"], "default": None}
SHADE = {"name": "shade", "type": COLOUR, "default": "red"}
RICHER = changed(SHADE, type=changed(COLOUR, symbols=["grey", "red", "blue"]))


@pytest.mark.parametrize("name", versions(FOLDER))
def test_all_released_versions_of_a_schema_stand_side_by_side(name: str) -> None:
    assert [] == obstacles(list(versions(FOLDER)[name].values()))


@pytest.mark.parametrize(
    "grown",
    [
        [schema()],
        [schema(), schema(COUNT)],
        [schema(), schema(COUNT), schema(COUNT, WORDS), schema(COUNT, MAYBE, WORDS)],
        [schema(SHADE), schema(RICHER)],
    ],
)
def test_a_schema_may_grow_by_fields_with_defaults_and_by_symbols(grown: Sequence[Schema]) -> None:
    assert [] == obstacles(grown)


def replaced(field: str, **changes: Any) -> Schema:
    """A further version with a new field, of which another field is no more what it was."""
    return {**schema(), "fields": [changed(each, **changes) if each["name"] == field else each for each in schema(COUNT)["fields"]]}


NO_DEFAULT = "does not default to its first symbol, so an older program could not read what is added to it"
# What is broken, the versions, and what Avro's checker or our own rule says. Where ours stands alone, Avro's sees nothing wrong.
BROKEN: dict[str, tuple[list[Schema], list[str]]] = {
    "a field without a default comes": (
        [schema(), schema({"name": "n", "type": "long"})],
        ["version 2 can not read version 1: reader_field_missing_default_value at /fields/2 (n)"],
    ),
    "a field without a default goes": (
        [schema({"name": "n", "type": "long"}), schema()],
        [
            "version 1 can not read version 2: reader_field_missing_default_value at /fields/2 (n)",
            "version 2 against 1: inkstream.thing.v1.n is gone: what it said would be lost",
        ],
    ),
    "a field with a default goes": (
        [schema(COUNT), schema()],
        ["version 2 against 1: inkstream.thing.v1.count is gone: what it said would be lost"],
    ),
    "versions far from each other differ, though neighbours do not": (
        [schema({"name": "n", "type": "int", "default": 0}), schema(), schema({"name": "n", "type": "long", "default": 0})],
        [
            "version 1 can not read version 3: type_mismatch at /fields/2/type (reader type: int not compatible with writer type: long)",
            "version 2 against 1: inkstream.thing.v1.n is gone: what it said would be lost",
            "version 3 against 1: inkstream.thing.v1.n has the type long, it had int",
        ],
    ),
    "a field may be absent from now on": (
        [schema({"name": "n", "type": "string"}), schema({"name": "n", "type": ["null", "string"]})],
        [
            "version 1 can not read version 2: type_mismatch at / (reader type: string not compatible with writer type: null)",
            "version 2 against 1: inkstream.thing.v1.n has the type null or string, it had string",
        ],
    ),
    "text becomes bytes": (
        [schema({"name": "n", "type": "string"}), schema({"name": "n", "type": "bytes"})],
        ["version 2 against 1: inkstream.thing.v1.n has the type bytes, it had string"],
    ),
    "an id is read as a time": (
        [schema({"name": "n", "type": "inkstream.Uuid"}), schema({"name": "n", "type": TIME})],
        [
            "version 1 can not read version 2: type_mismatch at /fields/2/type (reader type: fixed not compatible with writer type: long)",
            "version 2 can not read version 1: type_mismatch at /fields/2/type (reader type: long not compatible with writer type: fixed)",
            "version 2 against 1: inkstream.thing.v1.n has the type long as timestamp-micros, it had inkstream.Uuid",
        ],
    ),
    "a time is read as a number": (
        [schema(), replaced("at", type="long")],
        ["version 2 against 1: inkstream.thing.v1.at has the type long, it had long as timestamp-micros"],
    ),
    "a time counts in other units": (
        [schema(), replaced("at", type=changed(TIME, logicalType="timestamp-millis"))],
        ["version 2 against 1: inkstream.thing.v1.at has the type long as timestamp-millis, it had long as timestamp-micros"],
    ),
    "an id is read as an amount": (
        [schema(), replaced("id", type=changed(UUID, logicalType="decimal"))],
        ["version 2 against 1: inkstream.Uuid is logicalType=decimal, size=16, type=fixed, it was logicalType=uuid, size=16, type=fixed"],
    ),
    "only the logical type differs": (
        [schema({"name": "n", "type": "long"}), schema({"name": "n", "type": TIME})],
        [
            "version 2 against 1: they differ only in what the bytes do not show: nobody could tell which of them wrote a value",
            "version 2 against 1: inkstream.thing.v1.n has the type long as timestamp-micros, it had long",
        ],
    ),
    "only a default differs": (
        [schema(COUNT), schema(changed(COUNT, default=1))],
        [
            "version 2 against 1: they differ only in what the bytes do not show: nobody could tell which of them wrote a value",
            "version 2 against 1: inkstream.thing.v1.count has default=1, it had default=0",
        ],
    ),
    "what was absent before has another default": (
        [schema(COUNT), schema(changed(COUNT, default=1), WORDS)],
        ["version 2 against 1: inkstream.thing.v1.count has default=1, it had default=0"],
    ),
    "other things are sealed in a field": (
        [schema(PERSONAL), schema(changed(PERSONAL, personal="inkstream.device.v1"), WORDS)],
        ['version 2 against 1: inkstream.thing.v1.who has personal="inkstream.device.v1", it had personal="inkstream.profile.v1"'],
    ),
    "a field is sealed no more": (
        [schema(PERSONAL), schema({"name": "who", "type": "inkstream.Uuid"}, WORDS)],
        ['version 2 against 1: inkstream.thing.v1.who has personal=(nothing), it had personal="inkstream.profile.v1"'],
    ),
    "a choice without a default in the first version": (
        [schema(changed(SHADE, type={key: value for key, value in COLOUR.items() if key != "default"}))],
        [f"version 1: inkstream.thing.v1.shade.inkstream.Colour {NO_DEFAULT}"],
    ),
    "a choice that defaults to another symbol": (
        [schema(changed(SHADE, type=changed(COLOUR, default="red")))],
        [f"version 1: inkstream.thing.v1.shade.inkstream.Colour {NO_DEFAULT}"],
    ),
    "a symbol goes": (
        [schema(RICHER), schema(SHADE)],
        ["version 2 against 1: inkstream.Colour: symbols may only be added, behind those that are there"],
    ),
    "a symbol comes in between": (
        [schema(SHADE), schema(changed(SHADE, type=changed(COLOUR, symbols=["grey", "blue", "red"])))],
        ["version 2 against 1: inkstream.Colour: symbols may only be added, behind those that are there"],
    ),
    "an alias stands for a name": (
        [schema(changed(COUNT, aliases=["number"]))],
        ["version 1: inkstream.thing.v1.count has aliases, which the fingerprint does not show"],
    ),
    "the name changes, of which Avro's checker reads only what comes after the last dot": (
        [schema(), schema(COUNT, name="inkstream.other.v1")],
        ["version 2 against 1: the name inkstream.other.v1 is another than inkstream.thing.v1"],
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_breaks_a_rule_is_told_with_its_place(what: str) -> None:
    schemas, expected = BROKEN[what]

    assert expected == obstacles(schemas)
