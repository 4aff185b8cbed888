"""Releases the schemas of classes that are new or have grown, or says why it may not. Run it by `make schema`.

A release is the schema's file, its golden bytes, and a line in the register with the hashes of both. All three stay as they are for ever:
tests compare files and register, and the register with what it was in every commit before.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from dev.compatibility import obstacles
from dev.golden import Specimen, golden
from events import catalogue
from events.schema import Schema
from tests.kit.specimens import SAMPLES

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "events" / "golden"
REGISTER = "released.txt"


class Refused(Exception):
    """A schema may not be released; each line says why."""


@dataclass(frozen=True, slots=True)
class Releases:
    """What was released: schemas with the register in one folder, golden bytes in another."""

    schemas: Path
    golden: Path

    def release(self, wanted: Mapping[str, Schema], samples: Mapping[str, Specimen]) -> list[str]:
        """Release those schemas that are not released yet; the names of their files.

        Raises Refused before anything is written where one of them can not stand beside what was released under its name, or has no sample.
        """
        refusals = self.faults()
        new: dict[str, str] = {}
        for name, schema in wanted.items():
            released = list(self.versions_of(schema).values())
            if released and schema == released[-1]:
                continue
            refusals += [f"{name}: {obstacle}" for obstacle in obstacles([*released, schema])]
            if name not in samples:
                refusals.append(f"{name} has no specimen: add one to tests/kit/specimens.py")
            new[f"{name}.r{len(released) + 1}" if released else name] = name
        if refusals:
            raise Refused("\n".join(refusals))
        for file, name in new.items():
            self._schema(file).write_text(json.dumps(wanted[name], indent=2) + "\n", "utf-8")
        catalogue.published.cache_clear()  # the golden bytes are written with what has just been released
        for file, name in new.items():
            self._golden(file).write_text(golden(samples[name]), "utf-8")
            with (self.schemas / REGISTER).open("a", encoding="utf-8") as register:
                register.write(self._line(file) + "\n")
        return list(new)

    def versions_of(self, schema: Schema) -> Mapping[str, Schema]:
        """What was released under a schema's name, by file, the oldest first."""
        return catalogue.versions(self.schemas).get(schema["name"], {})

    def registered(self) -> list[str]:
        """The lines of the register, in the order of release."""
        register = self.schemas / REGISTER
        return register.read_text("utf-8").splitlines() if register.exists() else []

    def faults(self) -> list[str]:
        """What is not as it was released."""
        lines = {line.split()[0]: line for line in self.registered()}
        found = [f"{file} was released and is gone or changed: restore it" for file, line in lines.items() if self._line(file) != line]
        there = {path.stem for path in (*self.schemas.glob("*.avsc"), *self.golden.glob("*.golden"))}
        return found + [f"{file} is not in the register: remove it and run `make schema`" for file in sorted(there - lines.keys())]

    def _line(self, file: str) -> str:
        return " ".join([file, *(_hash(path) for path in (self._schema(file), self._golden(file)))])

    def _schema(self, file: str) -> Path:
        return self.schemas / f"{file}.avsc"

    def _golden(self, file: str) -> Path:
        return self.golden / f"{file}.golden"


def _hash(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest() if path.exists() else "-"


RELEASES = Releases(catalogue.FOLDER, GOLDEN)


def main() -> None:
    """Release what is new."""
    try:
        files = RELEASES.release(catalogue.current(), SAMPLES)
    except Refused as refusal:
        sys.exit(str(refusal))
    sys.stdout.writelines(f"released {file}: commit its schema, its golden bytes and the register\n" for file in files)
    if not files:
        sys.stdout.write("every class has a released schema already\n")


if __name__ == "__main__":
    main()
