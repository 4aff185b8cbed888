import json
from pathlib import Path

import pytest

from dev.golden import differences
from dev.schemas import GOLDEN, REGISTER, RELEASES
from events.base import personal_types, types
from events.catalogue import FOLDER, current, load, revision, versions
from events.records import HEAD, MAGIC
from events.schema import SEALED, Schema, avro_name, fingerprint
from tests.kit.history import contents

FILES = sorted(FOLDER.glob("*.avsc"))
CLASSES = {avro_name(name): name for name in (*types(), *personal_types(), SEALED["name"])}


def test_what_a_class_writes_is_the_last_version_of_its_released_schema() -> None:
    released = versions(FOLDER)

    assert [] == [name for name, schema in current().items() if schema != last_of(released[schema["name"]])], "run `make schema`"


def last_of(released: object) -> Schema:
    return list(released.values())[-1]  # type: ignore[attr-defined,no-any-return]  # versions of a schema, the oldest first


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_released_schema_has_a_class_that_reads_it(file: Path) -> None:
    assert json.loads(file.read_text())["name"] in CLASSES


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_schema_file_is_named_after_its_type_and_canonical(file: Path) -> None:
    schema = json.loads(file.read_text())

    assert avro_name(file.stem.removesuffix(f".r{revision(file.stem)}")) == schema["name"]
    assert file.read_text() == json.dumps(schema, indent=2) + "\n"


def test_versions_are_counted_in_their_order(tmp_path: Path) -> None:
    names = ["inkstream.a.v1", "inkstream.b.v1", *(f"inkstream.a.v1.r{number}" for number in range(2, 12))]
    for name in names:
        schema = {"type": "record", "name": name.removesuffix(f".r{revision(name)}"), "fields": []}
        (tmp_path / f"{name}.avsc").write_text(json.dumps(schema))

    found = versions(tmp_path)

    assert {"inkstream.a.v1": [names[0], *names[2:]], "inkstream.b.v1": [names[1]]} == {name: list(files) for name, files in found.items()}


def test_two_files_that_bytes_can_not_tell_apart_are_refused(tmp_path: Path) -> None:
    for name, type_ in (("one", "long"), ("other", {"type": "long", "logicalType": "timestamp-micros"})):
        schema = {"type": "record", "name": "inkstream.test.v1", "fields": [{"name": "more", "type": type_}]}
        (tmp_path / f"{name}.avsc").write_text(json.dumps(schema))

    with pytest.raises(ValueError, match="fingerprint"):
        load(tmp_path)


def test_no_two_released_schemas_share_a_fingerprint() -> None:
    assert len(load(FOLDER)) == len(FILES)


def test_what_was_released_is_there_unchanged_and_nothing_else_is() -> None:
    assert [] == RELEASES.faults()


def test_every_release_that_a_commit_has_seen_is_still_in_the_register() -> None:
    registers = {commit: text.splitlines() for commit, text in contents(FOLDER / REGISTER)}

    now = RELEASES.registered()

    assert {} == {commit: then for commit, then in registers.items() if then != now[: len(then)]}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_golden_bytes_of_every_released_schema_read_as_ever(file: Path) -> None:
    schema = json.loads(file.read_text())
    text = (GOLDEN / f"{file.stem}.golden").read_text()

    assert MAGIC + fingerprint(schema) == bytes.fromhex(text.split()[0])[:HEAD]
    assert [] == differences(text, CLASSES[schema["name"]])
