"""The Avro schema of an event or a personal record, derived from its class, and a schema's fingerprint."""

from dataclasses import MISSING, Field, fields
from datetime import datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from fastavro.schema import fingerprint as hash_of
from fastavro.schema import to_parsing_canonical_form

from events.base import Event, Personal, PersonalFields

Schema = dict[str, Any]

_UUID: Final[Schema] = {"type": "fixed", "name": "inkstream.Uuid", "size": 16, "logicalType": "uuid"}
_TIME: Final[Schema] = {"type": "long", "logicalType": "timestamp-micros"}
_PRIMITIVES: Final[dict[Any, str | Schema]] = {str: "string", int: "long", bool: "boolean", bytes: "bytes", UUID: _UUID, datetime: _TIME}

SEALED: Final[Schema] = {
    "type": "record",
    "name": "inkstream.Sealed",
    "fields": [{"name": "kid", "type": _UUID}, {"name": "nonce", "type": "bytes"}, {"name": "ciphertext", "type": "bytes"}],
}


def avro_name(type_name: str) -> str:
    """Return the full name that Avro knows the type by: Avro's names have no hyphens, ours no underscores."""
    return type_name.replace("-", "_")


def schema_of(cls: type[Event] | type[PersonalFields]) -> Schema:
    """Return the Avro schema of the class; TypeError where a field can not be carried.

    A group of personal fields is a `Sealed`; the attribute `personal` of its field says what is sealed there, so that the frozen
    schema holds that too.
    """
    hints = get_type_hints(cls)
    made = [_field(field, hints[field.name]) for field in fields(cls)]  # type: ignore[arg-type] # both decorators make dataclasses
    groups = [field["personal"] for field in made if "personal" in field]
    if len(groups) != len(set(groups)):
        raise TypeError(f"{cls.__name__} has two groups of one type: sealed, they could be exchanged unnoticed")
    schema: Schema = _once({"type": "record", "name": avro_name(cls.TYPE), "fields": made}, {})
    return schema


def fingerprint(schema: Schema | str) -> bytes:
    """Return the schema's CRC-64-AVRO as it stands in front of a body: eight bytes, the lowest first."""
    return bytes.fromhex(hash_of(to_parsing_canonical_form(schema), "CRC-64-AVRO"))


def without_logical_types(node: Any) -> Any:
    """Return a schema, or a part of one, that says of ids and times only what they are made of."""
    if isinstance(node, list):
        return [without_logical_types(each) for each in node]
    if isinstance(node, dict):
        return {key: without_logical_types(value) for key, value in node.items() if key != "logicalType"}
    return node


def without_none(annotation: Any) -> tuple[Any, bool]:
    """Return what `T` is in `T` or `T | None`, and whether None may stand in its place."""
    if get_origin(annotation) not in (Union, UnionType):
        return annotation, False
    inner = [each for each in get_args(annotation) if each is not NoneType]
    if len(inner) != 1:
        raise TypeError(f"{annotation} is a choice of several types, which the storage format does not have")
    return inner[0], True


def _field(field: "Field[Any]", annotation: Any) -> Schema:
    inner, optional = without_none(annotation)
    made: Schema = {"name": field.name, "type": ["null", _type(inner)] if optional else _type(inner)}
    if get_origin(inner) is Personal:
        made["personal"] = get_args(inner)[0].TYPE
    if optional:
        if field.default not in (MISSING, None):
            raise TypeError(f"{field.name}: a field that may be None can have no other default")
        made["default"] = None
    elif field.default is not MISSING:
        made["default"] = _default(field)
    return made


def _type(annotation: Any) -> Any:
    origin, args = get_origin(annotation), get_args(annotation)
    if annotation in _PRIMITIVES:
        return _PRIMITIVES[annotation]
    if origin is Personal:
        return SEALED
    if origin is tuple and len(args) == 2 and args[1] is ...:  # noqa: PLR2004 # the item's type and the dots
        return {"type": "array", "items": _type(args[0])}
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        symbols = [each.value for each in annotation]
        return {"type": "enum", "name": f"inkstream.{annotation.__name__}", "symbols": symbols, "default": symbols[0]}
    raise TypeError(f"the storage format has no {annotation}")


def _default(field: "Field[Any]") -> Any:
    match field.default:
        case StrEnum() as choice:
            return choice.value
        case str() | bool() | int() as plain:
            return plain
        case ():
            return []
        case other:
            raise TypeError(f"{field.name}: the storage format has no default {other!r}")


def _once(node: Any, defined: dict[str, Any]) -> Any:
    """Keep the first definition of each named type and refer to it by name from then on, as Avro demands."""
    if isinstance(node, list):
        return [_once(each, defined) for each in node]
    if not isinstance(node, dict):
        return node
    if "name" in node and node.get("type") in ("record", "fixed", "enum"):
        if node["name"] in defined:
            if node != defined[node["name"]]:
                raise TypeError(f"two types are called {node['name']}")
            return node["name"]
        defined[node["name"]] = node
    return {key: _once(value, defined) for key, value in node.items()}
