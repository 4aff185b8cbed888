"""Events and personal records as single Avro objects, and back; sealing is left to the codec.

fastavro reads and writes the plain types; ids and times are converted here, which costs a third of what its logical types do:
the schemas that it is given have none.
Everything that can be known of a class beforehand is worked out once.
"""

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from io import BytesIO
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar, cast, get_args, get_origin, get_type_hints
from uuid import UUID, SafeUUID

from fastavro import parse_schema, schemaless_reader, schemaless_writer

from events.base import Event, Personal, PersonalFields
from events.schema import Schema, fingerprint, schema_of, without_logical_types, without_none
from events.sealing import Sealed

MAGIC: Final = b"\xc3\x01"
HEAD: Final = len(MAGIC) + 8  # in front of the body: the magic and the fingerprint
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_NOT_KNOWN: Final = SafeUUID.unknown
_set_int: Final[Callable[[UUID, object], None]] = vars(UUID)["int"].__set__
_set_is_safe: Final[Callable[[UUID, object], None]] = vars(UUID)["is_safe"].__set__

R = TypeVar("R", Event, PersonalFields)
Convert = Callable[[Any], Any]


class Writer(Generic[R]):
    """Writes records of one class, with the schema that the class has now."""

    def __init__(self, cls: type[R]) -> None:
        schema = schema_of(cls)
        self.groups = _groups(cls)
        self.fingerprint = fingerprint(schema)
        self._schema = parse_schema(without_logical_types(schema))
        self._conversions = [(name, convert) for name, annotation in _fields(cls) if (convert := _to_plain(annotation))]

    def values(self, record: R) -> dict[str, Any]:
        """Return the record's fields as Avro's plain types, but its personal groups as they are."""
        values = dict(vars(record))
        _convert(values, self._conversions)
        return values

    def write(self, values: dict[str, Any]) -> bytes:
        """Return the single-object encoding of `values`, where each group is a `Sealed` by now."""
        out = BytesIO()
        out.write(MAGIC + self.fingerprint)
        schemaless_writer(out, self._schema, values)
        return out.getvalue()


class Reader(Generic[R]):
    """Reads what was written with one published schema, as records of the class that has its name."""

    def __init__(self, cls: type[R], written: Schema) -> None:
        schema = schema_of(cls)
        self.groups = _groups(cls)
        self._cls: type[R] = cls
        self._written = parse_schema(without_logical_types(written))
        self._schema = None if fingerprint(written) == fingerprint(schema) else parse_schema(without_logical_types(schema))
        self._conversions = [(name, convert) for name, annotation in _fields(cls) if (convert := _from_plain(annotation))]

    def values(self, value: bytes) -> dict[str, Any]:
        """Return the record's fields, each group as a `Sealed`; any exception means that these are not bytes of this schema."""
        source = BytesIO(value)
        source.seek(HEAD)
        values = cast("dict[str, Any]", schemaless_reader(source, self._written, self._schema))
        if source.tell() != len(value):
            raise ValueError("there are bytes behind the record")
        _convert(values, self._conversions)
        return values

    def make(self, values: dict[str, Any]) -> R:
        """Return the record that has these fields, which it takes over."""
        record = object.__new__(self._cls)
        # The dataclass's own constructor sets a frozen record's fields one by one, which takes four times as long.
        object.__setattr__(record, "__dict__", values)
        return record


def _convert(values: dict[str, Any], conversions: list[tuple[str, Convert]]) -> None:
    for name, convert in conversions:
        value = values[name]
        if value is not None:
            values[name] = convert(value)


def _fields(cls: type[R]) -> list[tuple[str, Any]]:
    hints = get_type_hints(cls)
    return [(field.name, without_none(hints[field.name])[0]) for field in fields(cls)]  # type: ignore[arg-type] # both decorators make dataclasses


def _groups(cls: type[R]) -> list[tuple[str, type[PersonalFields]]]:
    return [(name, get_args(annotation)[0]) for name, annotation in _fields(cls) if get_origin(annotation) is Personal]


def _to_plain(annotation: Any) -> Convert | None:
    if annotation is UUID:
        return attrgetter("bytes")
    if annotation is datetime:
        return lambda at: (at - _EPOCH) // _MICROSECOND
    if get_origin(annotation) is tuple and (convert := _to_plain(get_args(annotation)[0])):
        return lambda items: [convert(item) for item in items]
    return None


def _from_plain(annotation: Any) -> Convert | None:
    if annotation is UUID:
        return _uuid
    if annotation is datetime:
        return lambda microseconds: _EPOCH + timedelta(0, 0, microseconds)
    if get_origin(annotation) is Personal:
        return lambda sealed: Sealed(_uuid(sealed["kid"]), sealed["nonce"], sealed["ciphertext"])
    if get_origin(annotation) is tuple:
        convert = _from_plain(get_args(annotation)[0])
        return tuple if convert is None else lambda items: tuple(map(convert, items))
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return annotation
    return None


def _uuid(octets: bytes) -> UUID:
    # What UUID(bytes=…) ends in, without its checks of six possible arguments: a third of the time, and an event has many ids.
    made = object.__new__(UUID)
    _set_int(made, int.from_bytes(octets, "big"))
    _set_is_safe(made, _NOT_KNOWN)
    return made
