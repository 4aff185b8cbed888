"""Whether the released versions of a schema may stand side by side: what Avro's own checker says, and what it does not look at.

A log holds what every version wrote, for ever, and programs of every version read it while one takes over from another. So each version
has to read what each other wrote (FULL_TRANSITIVE), and all of them have to read the same out of the same bytes: a version only grows.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import combinations, permutations
from typing import Any

from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.schema import parse

from events.schema import Schema, fingerprint, without_logical_types

_NAMED = ("record", "fixed", "enum")


def obstacles(versions: Sequence[Schema]) -> list[str]:
    """Why the versions of one schema, the oldest first, may not all be released; each names versions (from 1), the place, and the rule."""
    numbered = list(enumerate(versions, 1))
    found = [f"version {number}: {fault}" for number, schema in numbered for fault in _faults(schema)]
    for (reader_number, reader), (writer_number, writer) in permutations(numbered, 2):
        found += [f"version {reader_number} can not read version {writer_number}: {fault}" for fault in _unreadable(reader, writer)]
    for (older_number, older), (newer_number, newer) in combinations(numbered, 2):
        found += [f"version {newer_number} against {older_number}: {fault}" for fault in _changed(older, newer)]
    return found


def _unreadable(reader: Schema, writer: Schema) -> Iterator[str]:
    """What Avro's checker finds. It knows the logical type of a UUID on text alone, and looks at none."""
    read, written = (parse(json.dumps(without_logical_types(schema))) for schema in (reader, writer))
    result = ReaderWriterCompatibilityChecker().get_compatibility(read, written)  # type: ignore[no-untyped-call]  # its __init__ has no types
    if result.compatibility is not SchemaCompatibilityType.compatible:
        kinds = ", ".join(sorted({kind.value for kind in result.incompatibilities}))
        yield f"{kinds} at {', '.join(sorted(result.locations))} ({'; '.join(sorted(result.messages))})"


def _faults(schema: Schema) -> Iterator[str]:
    """What no version may have, the first one included."""
    for place, node in _nodes(schema):
        if "aliases" in node:
            yield f"{place} has aliases, which the fingerprint does not show"
        if node.get("type") == "enum" and node.get("default") != node["symbols"][0]:
            yield f"{place} does not default to its first symbol, so an older program could not read what is added to it"


def _changed(older: Schema, newer: Schema) -> Iterator[str]:
    """What a reader would find to be another thing, though the bytes can be read."""
    if fingerprint(older) == fingerprint(newer):
        yield "they differ only in what the bytes do not show: nobody could tell which of them wrote a value"
    before, after = _definitions(older), _definitions(newer)
    if older["name"] != newer["name"]:
        yield f"the name {newer['name']} is another than {older['name']}"
    for name in before.keys() & after.keys():
        was, now = before[name], after[name]
        if was["type"] == "enum" and now["type"] == "enum" and now["symbols"][: len(was["symbols"])] != was["symbols"]:
            yield f"{name}: symbols may only be added, behind those that are there"
        elif was["type"] == "fixed" and was != now:
            yield f"{name} is {_attributes(now)}, it was {_attributes(was)}"
        elif was["type"] == "record" and now["type"] == "record":
            yield from _changed_fields(name, was, now)


def _changed_fields(record: str, older: Schema, newer: Schema) -> Iterator[str]:
    fields = {field["name"]: field for field in newer["fields"]}
    for was in older["fields"]:
        place, now = f"{record}.{was['name']}", fields.get(was["name"])
        if now is None:
            yield f"{place} is gone: what it said would be lost"
            continue
        if _outline(was["type"]) != _outline(now["type"]):
            yield f"{place} has the type {_outline(now['type'])}, it had {_outline(was['type'])}"
        for attribute in sorted((was.keys() | now.keys()) - {"name", "type"}):
            if was.get(attribute, ...) != now.get(attribute, ...):
                yield f"{place} has {attribute}={_said(now, attribute)}, it had {attribute}={_said(was, attribute)}"


def _outline(node: Any) -> str:
    """A type as it has to stay: with its logical type, and of what has a name that alone."""
    match node:
        case [*branches]:
            return " or ".join(_outline(each) for each in branches)
        case {"type": "array", "items": items}:
            return f"array of {_outline(items)}"
        case {"name": str(name)}:
            return name
        case {"type": plain, "logicalType": logical}:
            return f"{plain} as {logical}"
        case _:
            return str(node)


def _attributes(node: Schema) -> str:
    return ", ".join(f"{name}={node[name]}" for name in sorted(node.keys() - {"name"}))


def _said(field: Schema, attribute: str) -> str:
    return json.dumps(field[attribute]) if attribute in field else "(nothing)"


def _nodes(node: Any, place: str = "") -> Iterator[tuple[str, Schema]]:
    """Every definition and field within a schema, each with its place."""
    if isinstance(node, list):
        for each in node:
            yield from _nodes(each, place)
    elif isinstance(node, dict):
        here = ".".join(part for part in (place, node.get("name", "")) if part)
        yield here, node
        for part in ("fields", "items", "type"):
            if isinstance(node.get(part), list | dict):
                yield from _nodes(node[part], here)


def _definitions(schema: Schema) -> dict[str, Schema]:
    return {node["name"]: node for _, node in _nodes(schema) if node.get("type") in _NAMED}
