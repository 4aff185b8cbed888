"""Golden bytes: one value of each released schema, and what it reads as, for ever. `make schema` writes them; tests read them.

The first line of a golden file is the value in hex, the second the fields that it had then, as JSON. A class may grow: what it got since
has its default in a value from before.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

from fastavro import schemaless_reader, schemaless_writer

from events.base import Event, Personal, PersonalFields, personal_types, types
from events.catalogue import published
from events.codec import decode, encode
from events.records import HEAD, MAGIC, Reader, Writer
from events.schema import SEALED, fingerprint
from events.sealing import Sealed
from tests.kit.specimens import CE_ID, key_of

Specimen = Event | PersonalFields | Sealed


def golden(specimen: Specimen) -> str:
    """Return the text of a golden file."""
    return f"{_written(specimen).hex()}\n{json.dumps(plain(specimen), ensure_ascii=False)}\n"


def differences(text: str, name: str) -> list[str]:
    """Return what the value of a golden file of the type `name` does not read as any more."""
    value, then = text.splitlines()
    return _differences(json.loads(then), _read(bytes.fromhex(value), name), name)


def plain(value: Any) -> Any:
    """Return what JSON can say of a value that an event may hold."""
    match value:
        case bytes():
            return value.hex()
        case UUID():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat()
        case Sealed() | Personal() | Event() | PersonalFields():
            return {name: plain(each) for name, each in _held(value).items()}
        case tuple():
            return [plain(each) for each in value]
        case _:
            return value


def _differences(then: Any, now: Any, place: str) -> list[str]:
    if not isinstance(then, Mapping) or not isinstance(now, Sealed | Personal | Event | PersonalFields):
        return [] if then == plain(now) else [f"{place} reads as {plain(now)!r}, it was {then!r}"]
    held = _held(now)
    found = [f"{place}.{name} is read no more, it was {then[name]!r}" for name in then.keys() - held.keys()]
    for name in then.keys() & held.keys():
        found += _differences(then[name], held[name], f"{place}.{name}")
    defaults = {field.name: field.default for field in fields(now)} if is_dataclass(now) else {}
    for name in held.keys() - then.keys():
        if defaults.get(name, MISSING) != held[name]:
            found.append(f"{place}.{name} came later and reads as {plain(held[name])!r}, which is not its default")
    return sorted(found)


def _held(value: Any) -> dict[str, Any]:
    return value._asdict() if isinstance(value, Sealed) else vars(value)


def _written(specimen: Specimen) -> bytes:
    match specimen:
        case Event():
            return encode(specimen, ce_id=CE_ID, key_of=key_of)
        case PersonalFields():
            writer = Writer(type(specimen))
            return writer.write(writer.values(specimen))
        case Sealed(kid, nonce, ciphertext):
            out = BytesIO()
            schemaless_writer(out, SEALED, {"kid": kid.bytes, "nonce": nonce, "ciphertext": ciphertext})
            return MAGIC + fingerprint(SEALED) + out.getvalue()


def _read(value: bytes, name: str) -> Specimen:
    if name in types():
        return decode(value, ce_type=name, ce_id=CE_ID, key_of=key_of)
    written = published()[value[len(MAGIC) : HEAD]]
    if name in personal_types():
        reader = Reader(personal_types()[name], written)
        return reader.make(reader.values(value))
    bare: Any = schemaless_reader(BytesIO(value[HEAD:]), written, None)
    return Sealed(UUID(bytes=bare["kid"]), bare["nonce"], bare["ciphertext"])
