"""The released schemas: what bytes on any log may have been written with. They are frozen; `make schema` adds new ones.

A file is named after its type; a class that has grown has a further file beside it (`….r2.avsc`), and none ever goes.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from events.base import personal_types, types
from events.schema import SEALED, Schema, fingerprint, schema_of

FOLDER: Final = Path(__file__).parent / "schemas"


@cache
def published() -> Mapping[bytes, Schema]:
    """Return every released schema by its fingerprint; they are read on the first call."""
    return load(FOLDER)


def load(folder: Path) -> Mapping[bytes, Schema]:
    """Read the schemas in `folder`; ValueError if two share a fingerprint, since bytes would not say which of them they are."""
    found: dict[bytes, Schema] = {}
    for file, schema in _read(folder).items():
        if found.setdefault(fingerprint(schema), schema) is not schema:
            raise ValueError(f"{file} has the fingerprint of another schema; they differ in nothing that a body shows")
    return found


def versions(folder: Path) -> Mapping[str, Mapping[str, Schema]]:
    """Return the schemas in `folder` by Avro's name for their type, and of each all versions by the names of their files, oldest first."""
    found: dict[str, dict[str, Schema]] = {}
    for file, schema in _read(folder).items():
        found.setdefault(schema["name"], {})[file] = schema
    return found


def revision(file: str) -> int:
    """Return which version of its schema a file, named without its ending, holds: 1 for the first."""
    name, _, last = file.rpartition(".r")
    return int(last) if name and last.isdigit() else 1


def current() -> Mapping[str, Schema]:
    """Return the schema that each registered class, and `Sealed`, has now, by type name."""
    events = {name: schema_of(cls) for name, cls in types().items()}
    groups = {name: schema_of(cls) for name, cls in personal_types().items()}
    return {**events, **groups, SEALED["name"]: SEALED}


def _read(folder: Path) -> dict[str, Schema]:
    files = sorted(folder.glob("*.avsc"), key=lambda file: (revision(file.stem), file.stem))
    return {file.stem: json.loads(file.read_text("utf-8")) for file in files}
