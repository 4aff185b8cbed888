"""The published schemas: what bytes on any log may have been written with. Frozen; `python -m events.catalogue` adds new ones.

A file is named after its type; a class that has grown a field with a default has a further file beside it (`….r2.avsc`).
"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from functools import cache
from itertools import chain, count
from pathlib import Path
from typing import Final

from events.base import personal_types, types
from events.schema import SEALED, Schema, fingerprint, schema_of

FOLDER: Final = Path(__file__).parent / "schemas"


@cache
def published() -> Mapping[bytes, Schema]:
    """Return every published schema by its fingerprint; they are read on the first call."""
    return load(FOLDER)


def load(folder: Path) -> Mapping[bytes, Schema]:
    """Read the schemas in `folder`; ValueError if two share a fingerprint, since bytes would not say which of them they are."""
    found: dict[bytes, Schema] = {}
    for file in sorted(folder.glob("*.avsc")):
        schema = json.loads(file.read_text("utf-8"))
        if found.setdefault(fingerprint(schema), schema) is not schema:
            raise ValueError(f"{file.name} has the fingerprint of another schema; they differ in nothing that a body shows")
    return found


def current() -> Mapping[str, Schema]:
    """Return the schema that each registered class, and `Sealed`, has now, by type name."""
    events = {name: schema_of(cls) for name, cls in types().items()}
    groups = {name: schema_of(cls) for name, cls in personal_types().items()}
    return {**events, **groups, SEALED["name"]: SEALED}


def publish(schemas: Mapping[str, Schema], folder: Path, *, grown: bool = False) -> list[Path]:
    """Write those that are new to `folder` and return their files; nothing that is there is ever touched.

    ValueError, before anything is written, if one differs from what is published under its name and is not said to have
    `grown`: then it is written beside the old one. Also if bytes would not tell the two apart.
    """
    known = load(folder)
    new = {name: schema for name, schema in schemas.items() if schema not in known.values()}
    published_names = {schema["name"] for schema in known.values()}
    for name, schema in new.items():
        if fingerprint(schema) in known:
            raise ValueError(f"{name} differs from a published schema only in what its bytes do not show: undo that")
        if schema["name"] in published_names and not grown:
            raise ValueError(f"{name} is published and frozen: make its next version, or say --grown if it only got fields with defaults")
    return [_write(name, schema, folder) for name, schema in new.items()]


def _write(name: str, schema: Schema, folder: Path) -> Path:
    files = chain([folder / f"{name}.avsc"], (folder / f"{name}.r{revision}.avsc" for revision in count(2)))
    file = next(file for file in files if not file.exists())
    file.write_text(json.dumps(schema, indent=2) + "\n", "utf-8")
    return file


if __name__ == "__main__":
    parser = ArgumentParser(prog="python -m events.catalogue", description="Publish the schemas that are new.")
    parser.add_argument("--grown", action="store_true", help="classes only got fields with defaults: publish beside what is there")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where they are kept (default: %(default)s)")
    wanted = parser.parse_args()
    try:
        written = publish(current(), wanted.folder, grown=wanted.grown)
    except ValueError as refusal:
        sys.exit(str(refusal))
    sys.stdout.writelines(f"{file.name}\n" for file in written)
