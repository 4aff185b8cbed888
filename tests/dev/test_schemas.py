"""`make schema`: what is new is released, what was released stays, and what can not stand beside it is refused."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dev.golden import differences, golden
from dev.schemas import REGISTER, ROOT, Refused, Releases
from events.catalogue import current, load
from events.schema import SEALED, Schema
from events.sessions import Device
from tests.kit.specimens import SAMPLES

DEVICE = Device.TYPE
SCHEMA: Schema = current()[DEVICE]
YOUNGER: Schema = {**SCHEMA, "fields": SCHEMA["fields"][:1]}


@pytest.fixture
def releases(tmp_path: Path) -> Releases:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "golden").mkdir()
    return Releases(tmp_path / "schemas", tmp_path / "golden")


def everything_in(releases: Releases) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for folder in (releases.schemas, releases.golden) for path in folder.iterdir()}


def test_a_new_schema_is_released_once_with_golden_bytes_and_a_line_in_the_register(releases: Releases) -> None:
    first = releases.release({DEVICE: SCHEMA}, SAMPLES)
    second = releases.release({DEVICE: SCHEMA}, SAMPLES)

    assert ([DEVICE], []) == (first, second)
    assert [SCHEMA] == list(load(releases.schemas).values())
    assert [] == differences((releases.golden / f"{DEVICE}.golden").read_text(), DEVICE)
    assert [DEVICE] == [line.split()[0] for line in releases.registered()]
    assert [] == releases.faults()


def test_what_has_grown_is_released_beside_what_was_there(releases: Releases) -> None:
    releases.release({DEVICE: YOUNGER}, SAMPLES)
    before = everything_in(releases)

    assert [f"{DEVICE}.r2"] == releases.release({DEVICE: SCHEMA}, SAMPLES)

    after = everything_in(releases)
    assert {REGISTER: after[REGISTER]} == {name: after[name] for name in before if after[name] != before[name]}
    assert after[REGISTER].startswith(before[REGISTER])
    assert [YOUNGER, SCHEMA] == list(load(releases.schemas).values())


def test_all_classes_can_be_released(releases: Releases) -> None:
    assert list(current()) == releases.release(current(), SAMPLES)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({**SCHEMA, "fields": SCHEMA["fields"][1:]}, "user_agent is gone"),
        ({**SCHEMA, "fields": [*SCHEMA["fields"], {"name": "colour", "type": "string"}]}, "reader_field_missing_default_value"),
        ({**SCHEMA, "fields": [{**each, "default": "?"} for each in SCHEMA["fields"]]}, "differ only in what the bytes do not show"),
    ],
)
def test_what_can_not_stand_beside_it_is_refused_and_nothing_is_written(releases: Releases, changed: Schema, reason: str) -> None:
    releases.release({DEVICE: SCHEMA}, SAMPLES)
    before = everything_in(releases)

    with pytest.raises(Refused, match=rf"^{DEVICE}: version 2 .*{reason}"):
        releases.release({SEALED["name"]: SEALED, DEVICE: changed}, SAMPLES)

    assert before == everything_in(releases)


def test_what_shrinks_back_to_an_earlier_version_is_refused(releases: Releases) -> None:
    releases.release({DEVICE: YOUNGER}, SAMPLES)
    releases.release({DEVICE: SCHEMA}, SAMPLES)

    with pytest.raises(Refused, match="address is gone"):
        releases.release({DEVICE: YOUNGER}, SAMPLES)


def test_what_has_no_specimen_is_refused(releases: Releases) -> None:
    with pytest.raises(Refused, match=rf"{DEVICE} has no specimen: add one to tests/kit/specimens\.py"):
        releases.release({DEVICE: SCHEMA}, {})

    assert {} == everything_in(releases)


@pytest.mark.parametrize("folder", ["schemas", "golden"])
@pytest.mark.parametrize("spoil", [Path.unlink, lambda file: file.write_text(file.read_text().replace("user_agent", "browser"))])
def test_what_was_released_can_neither_change_nor_go(releases: Releases, folder: str, spoil: object) -> None:
    releases.release(current(), SAMPLES)
    [file] = getattr(releases, folder).glob(f"{DEVICE}.*")

    spoil(file)  # type: ignore[operator]  # a function of a file

    assert [f"{DEVICE} was released and is gone or changed: restore it"] == releases.faults()
    with pytest.raises(Refused, match="restore it"):
        releases.release(current(), SAMPLES)


def test_a_schema_that_was_put_there_by_hand_is_found(releases: Releases) -> None:
    (releases.schemas / f"{DEVICE}.avsc").write_text(json.dumps(SCHEMA))

    assert [f"{DEVICE} is not in the register: remove it and run `make schema`"] == releases.faults()


def golden_of(device: Device) -> list[str]:
    return golden(device).splitlines()


def test_a_value_from_before_reads_what_came_later_as_its_default() -> None:
    value, _ = golden_of(Device(user_agent="Firefox"))
    later, _ = golden_of(Device(user_agent="Firefox", address="192.0.2.1"))
    then = '{"user_agent": "Firefox"}'

    assert [] == differences(f"{value}\n{then}", DEVICE)
    assert [f"{DEVICE}.address came later and reads as '192.0.2.1', which is not its default"] == differences(f"{later}\n{then}", DEVICE)


def test_a_value_that_reads_as_another_is_found() -> None:
    value, _ = golden_of(Device(user_agent="Firefox"))

    assert [
        f"{DEVICE}.browser is read no more, it was 'Firefox'",
        f"{DEVICE}.user_agent reads as 'Firefox', it was 'Opera'",
    ] == differences(f'{value}\n{{"user_agent": "Opera", "browser": "Firefox", "address": ""}}', DEVICE)


def test_the_command_says_that_nothing_is_new() -> None:
    done = subprocess.run([sys.executable, "-m", "dev.schemas"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (0, "every class has a released schema already\n", "") == (done.returncode, done.stdout, done.stderr)
