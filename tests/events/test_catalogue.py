import json
import subprocess
import sys
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastavro import schemaless_reader, schemaless_writer

from events.base import Event, PersonalFields, personal_types, types
from events.catalogue import FOLDER, current, load, publish, published
from events.codec import decode, encode
from events.records import HEAD, MAGIC, Reader, Writer
from events.schema import SEALED, Schema, avro_name, fingerprint
from events.sealing import Sealed
from tests.kit import specimens

NAME = "inkstream.test.thing-made.v1"
GOLDEN = Path(__file__).parent / "golden"
FILES = sorted(FOLDER.glob("*.avsc"))


def thing(*fields: dict[str, Any]) -> dict[str, Schema]:
    return {NAME: {"type": "record", "name": avro_name(NAME), "fields": [{"name": "at", "type": "long"}, *fields]}}


def test_every_class_has_a_published_schema() -> None:
    published = load(FOLDER).values()

    assert [] == [name for name, schema in current().items() if schema not in published]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_published_schema_has_a_class_that_reads_it(file: Path) -> None:
    classes = {**types(), **personal_types()}
    name = json.loads(file.read_text())["name"]

    assert name in {SEALED["name"], *map(avro_name, classes)}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_schema_file_is_named_after_its_type_and_canonical(file: Path) -> None:
    schema = json.loads(file.read_text())

    assert avro_name(file.stem).startswith(schema["name"])
    assert file.read_text() == json.dumps(schema, indent=2) + "\n"


def test_no_two_published_schemas_share_a_fingerprint() -> None:
    assert len(load(FOLDER)) == len(FILES)


def test_the_command_publishes_what_is_new_and_says_what_is_frozen(tmp_path: Path) -> None:
    def run() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "events.catalogue", "--folder", str(tmp_path)]
        return subprocess.run(command, cwd=FOLDER.parents[1], capture_output=True, text=True, check=False)  # noqa: S603 # our own program

    first, second = run(), run()
    file = tmp_path / "inkstream.device.v1.avsc"
    file.write_text(file.read_text().replace("user_agent", "browser"))
    third = run()

    assert sorted(f"{name}.avsc" for name in current()) == sorted(first.stdout.splitlines())
    assert (second.returncode, second.stdout) == (0, "")
    assert third.returncode == 1
    assert "inkstream.device.v1 is published and frozen" in third.stderr


def test_a_new_schema_is_published_once(tmp_path: Path) -> None:
    first = publish(thing(), tmp_path)
    second = publish(thing(), tmp_path)

    assert first == [tmp_path / f"{NAME}.avsc"]
    assert second == []
    assert load(tmp_path) == {fingerprint(thing()[NAME]): thing()[NAME]}


def test_a_changed_schema_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    [file] = publish(thing(), tmp_path)
    before = file.read_text()

    with pytest.raises(ValueError, match="frozen"):
        publish({"inkstream.Sealed": SEALED, **thing({"name": "more", "type": "string", "default": ""})}, tmp_path)

    assert file.read_text() == before
    assert list(tmp_path.iterdir()) == [file]


def test_a_class_that_has_grown_gets_a_further_schema_beside_the_old_one(tmp_path: Path) -> None:
    grown = thing({"name": "more", "type": "string", "default": ""})
    publish(thing(), tmp_path)

    assert publish(grown, tmp_path, grown=True) == [tmp_path / f"{NAME}.r2.avsc"]
    assert list(load(tmp_path).values()) == [thing()[NAME], grown[NAME]]


def test_a_change_that_bytes_do_not_show_is_refused(tmp_path: Path) -> None:
    publish(thing({"name": "more", "type": "string", "default": ""}), tmp_path)

    with pytest.raises(ValueError, match="do not show"):
        publish(thing({"name": "more", "type": "string", "default": "other"}), tmp_path, grown=True)


def test_two_files_that_bytes_can_not_tell_apart_are_refused(tmp_path: Path) -> None:
    (tmp_path / "one.avsc").write_text(json.dumps(thing({"name": "more", "type": "long"})[NAME]))
    (tmp_path / "other.avsc").write_text(
        json.dumps(thing({"name": "more", "type": {"type": "long", "logicalType": "timestamp-micros"}})[NAME])
    )

    with pytest.raises(ValueError, match="fingerprint"):
        load(tmp_path)


Specimen = Event | PersonalFields | Sealed
EXPECTED: dict[str, Specimen] = {
    **{event.TYPE: event for event in specimens.EVENTS},
    **{group.TYPE: group for group in specimens.GROUPS},
    SEALED["name"]: specimens.SEALED,
}


def written(specimen: Specimen) -> bytes:
    match specimen:
        case Event():
            return encode(specimen, ce_id=specimens.CE_ID, key_of=specimens.key_of)
        case PersonalFields():
            writer = Writer(type(specimen))
            return writer.write(writer.values(specimen))
        case Sealed(kid, nonce, ciphertext):
            out = BytesIO()
            schemaless_writer(out, SEALED, {"kid": kid.bytes, "nonce": nonce, "ciphertext": ciphertext})
            return MAGIC + fingerprint(SEALED) + out.getvalue()


def read(value: bytes, specimen: Specimen) -> Specimen:
    match specimen:
        case Event():
            return decode(value, ce_type=specimen.TYPE, ce_id=specimens.CE_ID, key_of=specimens.key_of)
        case PersonalFields():
            reader = Reader(type(specimen), published()[value[2:HEAD]])
            return reader.make(reader.values(value))
        case Sealed():
            plain: Any = schemaless_reader(BytesIO(value[HEAD:]), published()[value[2:HEAD]], None)
            return Sealed(UUID(bytes=plain["kid"]), plain["nonce"], plain["ciphertext"])


@pytest.mark.parametrize("name", [file.stem for file in FILES])
def test_a_published_schema_never_changes_and_its_bytes_read_as_ever(name: str) -> None:
    expected, golden, schema = EXPECTED[name], GOLDEN / f"{name}.golden", (FOLDER / f"{name}.avsc").read_text()
    frozen = sha256(schema.encode()).hexdigest()
    assert golden.exists(), f"commit these two lines as {golden.name}:\n{frozen}\n{written(expected).hex()}"

    schema_then, value_then = golden.read_text().split()
    value = bytes.fromhex(value_then)

    assert frozen == schema_then
    assert value[:HEAD] == MAGIC + fingerprint(json.loads(schema))
    assert read(value, expected) == expected
