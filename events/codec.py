"""An event as the value of a record on the log, and back: Avro's single-object encoding, personal groups sealed inside."""

from collections.abc import Callable
from functools import cache
from typing import Any
from uuid import UUID

from events.base import Event, Personal, PersonalFields, personal_types, types
from events.catalogue import published
from events.records import HEAD, MAGIC, Reader, Writer
from events.schema import Schema, avro_name
from events.sealing import KeyErased, Sealed, Unsealable, seal, unseal

KeyOf = Callable[[UUID], bytes]  # the data key `kid`; raises KeyMissing or KeyErased


class UnknownSchema(Exception):
    """The value was written with a schema that this program does not have: a later one, most likely."""

    def __init__(self, fingerprint: bytes) -> None:
        super().__init__(f"no published schema has the fingerprint {fingerprint.hex()}")
        self.fingerprint = fingerprint


class Malformed(Exception):
    """The value is not what its type says: no program version will ever read it."""


def encode(event: Event, *, ce_id: UUID, key_of: KeyOf) -> bytes:
    """Return the value of a record for `event`, which opens as the attempt `ce_id` only. KeyMissing, KeyErased: as `key_of` raises."""
    writer = _writer(event.TYPE)
    values = writer.values(event)
    for name, _ in writer.groups:
        if values[name] is not None:
            values[name] = _sealed(values[name], event.TYPE, ce_id, key_of)
    return writer.write(values)


def decode(value: bytes, *, ce_type: str, ce_id: UUID, key_of: KeyOf) -> Event:
    """Return the event that `value` holds; a group whose key was erased has its defaults for fields.

    UnknownSchema, Malformed; KeyMissing as `key_of` raises it.
    """
    reader = _event_reader(ce_type, value[:HEAD])
    values = _values(reader, value)
    for name, group in reader.groups:
        if values[name] is not None:
            values[name] = _opened(values[name], group, ce_type, ce_id, key_of)
    return reader.make(values)


def _sealed(personal: Personal[Any], ce_type: str, ce_id: UUID, key_of: KeyOf) -> dict[str, bytes]:
    writer = _writer(personal.value.TYPE)
    plain = writer.write(writer.values(personal.value))
    sealed = seal(plain, kid=personal.kid, key=key_of(personal.kid), ce_type=ce_type, ce_id=ce_id, name=personal.value.TYPE)
    return {"kid": sealed.kid.bytes, "nonce": sealed.nonce, "ciphertext": sealed.ciphertext}


def _opened(sealed: Sealed, group: type[PersonalFields], ce_type: str, ce_id: UUID, key_of: KeyOf) -> Personal[PersonalFields]:
    try:
        key = key_of(sealed.kid)
    except KeyErased:
        return Personal(sealed.kid, group())
    try:
        plain = unseal(sealed, key=key, ce_type=ce_type, ce_id=ce_id, name=group.TYPE)
    except Unsealable as error:
        raise Malformed(f"the sealed {group.TYPE} does not open: {error}") from error
    reader = _group_reader(group.TYPE, plain[:HEAD])
    return Personal(sealed.kid, reader.make(_values(reader, plain)))


def _values(reader: Reader[Any], value: bytes) -> dict[str, Any]:
    try:
        return reader.values(value)
    except Exception as error:  # what breaks in reading bytes is the bytes, whatever fastavro and the conversions call it
        raise Malformed(f"the body does not fit its schema: {error}") from error


@cache
def _writer(name: str) -> Writer[Any]:
    writer: Writer[Any] = Writer({**types(), **personal_types()}[name])
    if writer.fingerprint not in published():
        raise TypeError(f"the schema of {name} is not published, so nobody could read this: run `make schema`")
    return writer


@cache
def _event_reader(name: str, head: bytes) -> Reader[Event]:
    schema = _schema(name, head)
    if name not in types():
        raise Malformed(f"{name} is no event")
    return Reader(types()[name], schema)


@cache
def _group_reader(name: str, head: bytes) -> Reader[PersonalFields]:
    return Reader(personal_types()[name], _schema(name, head))


def _schema(name: str, head: bytes) -> Schema:
    """Return the schema that `head` names, which must be one of the type `name`."""
    if len(head) != HEAD or not head.startswith(MAGIC):
        raise Malformed("this is not Avro's single-object encoding")
    schema = published().get(head[len(MAGIC) :])
    if schema is None:
        raise UnknownSchema(head[len(MAGIC) :])
    if schema["name"] != avro_name(name):
        raise Malformed(f"the type says {name}, the schema {schema['name']}")
    return schema
