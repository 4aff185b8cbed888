"""The log is exported whole, onwards from what is there, and never mixed with another."""

import json
from pathlib import Path

import pytest
from avro.datafile import DataFileReader
from avro.io import DatumReader
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlog.archive.exporting import Export
from eventlog.archive.files import ArchiveRefused, locked
from eventlog.archive.manifest import Kind, Manifest
from eventlog.archive.segments import SegmentWriter, read_segment
from eventlog.log import OutcomeUnknown
from eventlog.memory import MemoryLog
from eventlog.record import Partition, Record
from tests.kit.backup import ACCOUNTS, COMMENTS, HERE, KEYS, NOW, THERE, Failing, entries, export, fill, imported, quiet, values


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.avro")}


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_segment_is_read_by_avros_own_reader(log: MemoryLog, tmp_path: Path) -> None:
    await log.append(HERE, b"ada", b"words", [("ce_id", b"one"), ("twice", b"1"), ("twice", b"2")])
    await log.append(HERE, b"ada", None, [])

    await export(log, tmp_path)

    with DataFileReader((tmp_path / "posts/3/00000000000000000000.avro").open("rb"), DatumReader()) as reader:
        times = [record.time for record in log.records[HERE]]
        headers = [{"name": "ce_id", "value": b"one"}, {"name": "twice", "value": b"1"}, {"name": "twice", "value": b"2"}]
        assert [
            {"offset": 0, "time": times[0], "key": b"ada", "headers": headers, "value": b"words"},
            {"offset": 1, "time": times[1], "key": b"ada", "headers": [], "value": None},
        ] == list(reader)


RECORDS = st.lists(
    st.builds(
        Record,
        place=st.just(HERE),
        offset=st.integers(0, 1 << 62),
        time=st.integers(0, 1 << 62),
        key=st.none() | st.binary(),
        value=st.none() | st.binary(),
        headers=st.lists(st.tuples(st.text(), st.binary())),
    ),
    unique_by=lambda record: record.offset,
).map(lambda records: sorted(records, key=lambda record: record.offset))


@settings(max_examples=30)  # each is a file, forced to the disk
@given(records=RECORDS)
def test_whatever_a_record_holds_comes_back(tmp_path_factory: pytest.TempPathFactory, records: list[Record]) -> None:
    folder = tmp_path_factory.mktemp("segment")
    writer = SegmentWriter(folder, HERE, 0)
    for record in records:
        writer.add(record)

    segment = writer.finish(1 << 62)

    assert records == list(read_segment(folder, segment))


async def test_the_facts_are_exported_and_the_keys_are_not(log: MemoryLog, tmp_path: Path) -> None:
    await fill(log, ACCOUNTS, "ada")
    await fill(log, KEYS, "key")

    await export(log, tmp_path)

    assert {"accounts/0/00000000000000000000.avro"} == files(tmp_path).keys()


async def test_a_second_export_adds_what_is_new_and_touches_nothing_else(log: MemoryLog, tmp_path: Path) -> None:
    await fill(log, HERE, "one", "two")
    await export(log, tmp_path)
    before = files(tmp_path)
    await fill(log, HERE, "three")
    await fill(log, THERE, "four")

    done = await export(log, tmp_path)

    new = {"posts/3/00000000000000000002.avro", "posts/4/00000000000000000000.avro"}
    assert (2, 2) == (done.records, done.segments)
    assert new == files(tmp_path).keys() - before.keys()
    assert before == {name: data for name, data in files(tmp_path).items() if name not in new}
    assert entries(log) == entries(await imported(tmp_path))


async def test_a_long_partition_becomes_several_segments(log: MemoryLog, tmp_path: Path) -> None:
    await fill(log, HERE, *(f"{number} " + "x" * 20_000 for number in range(20)))

    done = await export(log, tmp_path, segment_bytes=1)

    assert done.segments > 1
    assert entries(log) == entries(await imported(tmp_path))


@pytest.mark.parametrize("harm", ["torn", "gone", "altered"])
async def test_a_damaged_segment_is_written_again(log: MemoryLog, tmp_path: Path, harm: str) -> None:
    await fill(log, HERE, "one", "two")
    await export(log, tmp_path)
    last = tmp_path / "posts/3/00000000000000000000.avro"
    if harm == "gone":
        last.unlink()
    else:
        whole = last.read_bytes()
        last.write_bytes(whole[:-9] if harm == "torn" else whole[:-9] + b"!" + whole[-8:])
    await fill(log, HERE, "three")

    done = await export(log, tmp_path)

    assert (1, 3) == (done.mended, done.records)
    assert [b"one", b"two", b"three"] == values(await imported(tmp_path), HERE)


async def test_an_interrupted_export_goes_on_with_what_is_not_there(tmp_path: Path) -> None:
    log = Failing(ends=len(Kind.FACTS.topics()) + 1)  # the second partition is not reached
    await fill(log, HERE, "one")
    await fill(log, THERE, "two")
    with pytest.raises(OutcomeUnknown):
        await export(log, tmp_path)
    (first,) = files(tmp_path).items()
    with pytest.raises(ArchiveRefused, match=r"no export into .* has ever finished"):
        await imported(tmp_path)

    log.looks = 1 << 30
    done = await export(log, tmp_path)

    assert 1 == done.segments
    assert first in files(tmp_path).items()
    assert entries(log) == entries(await imported(tmp_path))


async def test_an_interrupted_addition_leaves_the_backup_as_it_was(tmp_path: Path) -> None:
    log = Failing()
    await fill(log, HERE, "one")
    await export(log, tmp_path)
    await fill(log, HERE, "two")
    await fill(log, THERE, "three")
    log.looks = len(Kind.FACTS.topics()) + 2  # one look at what is there, one at what is new
    with pytest.raises(OutcomeUnknown):
        await export(log, tmp_path)

    assert 2 == len(files(tmp_path))
    assert {HERE: [b"one"]} == {place: [entry.value for entry in held] for place, held in entries(await imported(tmp_path)).items()}


async def test_what_a_killed_export_left_aside_is_removed(log: MemoryLog, tmp_path: Path) -> None:
    await fill(log, HERE, "one")
    await export(log, tmp_path)
    left = tmp_path / "posts/3/00000000000000000001.avro.new"
    left.write_bytes(b"half a segm")

    await export(log, tmp_path)

    assert not left.exists()


async def test_an_export_holds_no_effect_without_its_cause(tmp_path: Path) -> None:
    class Busy(MemoryLog):
        """A post is written, and a comment on it, between any two looks at where topics end."""

        async def ends(self, places: object) -> dict[Partition, int]:
            found = dict(await super().ends(places))  # type: ignore[arg-type]  # partitions
            number = len(self.records[HERE])
            await fill(self, HERE, f"post {number}")
            await fill(self, COMMENTS, f"comment on {number}")
            return found

    await export(Busy(), tmp_path)

    restored = await imported(tmp_path)
    assert len(restored.records[HERE]) >= len(restored.records[COMMENTS])


async def test_another_log_is_not_added_to_a_backup(log: MemoryLog, tmp_path: Path) -> None:
    await fill(log, HERE, "one", "two")
    await export(log, tmp_path)
    other = MemoryLog()
    await fill(other, HERE, "one", "another", "three")

    with pytest.raises(ArchiveRefused, match="posts/3 holds another record at offset 1"):
        await export(other, tmp_path)


async def test_a_log_that_lost_its_end_is_not_added_to_a_backup(log: MemoryLog, tmp_path: Path) -> None:
    await fill(log, HERE, "one", "two")
    await export(log, tmp_path)
    del log.records[HERE][1]

    with pytest.raises(ArchiveRefused, match=r"posts/3 ends at offset 1, but .* holds it up to 2"):
        await export(log, tmp_path)


async def test_a_log_that_lost_its_beginning_is_no_backup(tmp_path: Path) -> None:
    class Late(MemoryLog):
        async def begins(self, places: object) -> dict[Partition, int]:
            return {**dict.fromkeys(places, 0), HERE: 1}  # type: ignore[call-overload]  # partitions

    log = Late()
    await fill(log, HERE, "one", "two")

    with pytest.raises(ArchiveRefused, match="posts/3 begins at offset 1"):
        await export(log, tmp_path)


async def test_a_folder_of_other_things_is_left_alone(log: MemoryLog, tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("not ours")

    with pytest.raises(ArchiveRefused, match=r"holds diary.txt"):
        await export(log, tmp_path)

    assert ["diary.txt"] == names(tmp_path)


async def test_facts_and_keys_do_not_share_a_folder(log: MemoryLog, tmp_path: Path) -> None:
    await export(log, tmp_path)

    with pytest.raises(ArchiveRefused, match="a backup of facts, not of keys"):
        await export(log, tmp_path, Kind.KEYS)


async def test_nothing_is_added_to_a_backup_of_keys(log: MemoryLog, tmp_path: Path) -> None:
    await fill(log, KEYS, "key")
    await export(log, tmp_path, Kind.KEYS)

    with pytest.raises(ArchiveRefused, match="nothing is added to a backup of keys"):
        await export(log, tmp_path, Kind.KEYS)


async def test_an_interrupted_export_of_keys_begins_anew(tmp_path: Path) -> None:
    looks = len(Kind.FACTS.topics()) + len(Kind.KEYS.topics()) + 1
    log = Failing(ends=looks)
    await fill(log, Partition("jwks", 0), "signing key")
    await fill(log, KEYS, "key")
    with pytest.raises(OutcomeUnknown):
        await export(log, tmp_path, Kind.KEYS)
    (first,) = files(tmp_path)

    log.looks = looks - 1
    with pytest.raises(OutcomeUnknown):
        await export(log, tmp_path, Kind.KEYS)

    assert first.startswith("jwks/0")
    assert {} == files(tmp_path)


async def test_a_folder_is_written_by_one_at_a_time(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(ArchiveRefused, match="another process exports into"), locked(tmp_path):
        pass


async def test_the_manifest_says_what_is_in_the_backup(log: MemoryLog, tmp_path: Path) -> None:
    await fill(log, HERE, "one", "two")

    await export(log, tmp_path)

    shown = json.loads((tmp_path / "manifest.json").read_text())
    (segment,) = shown["segments"]
    assert ("inkstream.log.backup.v1", "facts", NOW.isoformat()) == (shown["format"], shown["kind"], shown["finished"])
    assert {"owner": "posts", "partitions": 12, "compacted": False} == shown["topics"]["posts"]
    assert (2, 0) == (shown["ends"]["posts/3"], shown["ends"]["posts/4"])
    assert ("posts/3/00000000000000000000.avro", 0, 1, 2) == tuple(segment[name] for name in ("file", "first", "last", "records"))


async def test_an_export_tells_how_far_it_is(log: MemoryLog, tmp_path: Path) -> None:
    await fill(log, HERE, *map(str, range(2500)))
    told: list[tuple[int, int]] = []

    await Export(tmp_path, Kind.FACTS).run(log, lambda: NOW, lambda done, total: told.append((done, total)))

    assert [(1000, 2500), (2000, 2500)] == told
    manifest = Manifest.read(tmp_path, Kind.FACTS)
    assert manifest is not None
    assert 2500 == manifest.ends[HERE]


async def test_an_empty_log_is_a_backup_too(log: MemoryLog, tmp_path: Path) -> None:
    done = await export(log, tmp_path)

    assert (0, 0) == (done.records, done.segments)
    assert {} == entries(await imported(tmp_path))
    Export(tmp_path, Kind.FACTS).check(quiet)
