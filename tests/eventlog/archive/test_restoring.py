"""What is imported is what was exported, at the same offsets, or nothing is appended at all."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from eventlog.archive.files import ArchiveRefused
from eventlog.archive.manifest import Kind, Manifest
from eventlog.archive.restoring import FILLER, Backup, compare, restore, uncovered
from eventlog.archive.segments import Segment, SegmentWriter
from eventlog.log import OutcomeUnknown
from eventlog.memory import MemoryLog
from eventlog.record import Entry, Partition, Record
from eventlog.referee import heading_of
from eventlog.topics import TOPICS
from tests.kit.backup import ACCOUNTS, HERE, KEYS, THERE, Compacted, Failing, entries, export, fill, imported, quiet, values


@pytest.fixture
async def log() -> MemoryLog:
    """What is backed up."""
    log = MemoryLog()
    await fill(log, ACCOUNTS, "ada", "bob")
    await fill(log, HERE, *(f"post {number}" for number in range(5)))
    await fill(log, THERE, "another")
    return log


@pytest.fixture
async def backup(log: MemoryLog, tmp_path: Path) -> Path:
    """The folder of the backup."""
    folder = tmp_path / "backup"
    await export(log, folder)
    return folder


def altered(folder: Path, place: Partition, *records: Record) -> None:
    """Put other records into a segment, with all checksums right."""
    manifest = Manifest.read(folder, Kind.FACTS)
    assert manifest is not None
    (segment,) = manifest.of(place)
    writer = SegmentWriter(folder, place, segment.first)
    for record in records:
        writer.add(record)
    made = writer.finish(segment.last)
    replace(manifest, segments=tuple(made if each == segment else each for each in manifest.segments)).write(folder)


async def test_every_record_gets_the_offset_that_it_had(log: MemoryLog, backup: Path) -> None:
    restored = await imported(backup)

    assert entries(log) == entries(restored)


async def test_many_records_are_appended_in_requests_that_a_broker_takes(tmp_path: Path) -> None:
    class Strict(MemoryLog):
        async def append_all(self, place: Partition, entries: Sequence[Entry]) -> int:
            assert len(entries) == 1 or sum(entry.size for entry in entries) <= 128 << 10
            return await super().append_all(place, entries)

    log = MemoryLog()
    await fill(log, HERE, *("x" * (7919 * number % 90_000) for number in range(50)), *(["x"] * 2500))
    await export(log, tmp_path)

    assert entries(log) == entries(await imported(tmp_path, into=Strict()))


@pytest.mark.parametrize("place", ["accounts/0", "posts/4"])
@pytest.mark.parametrize("at", [10, -30, -5])
async def test_one_wrong_byte_stops_all_of_it_and_names_the_file(backup: Path, place: str, at: int) -> None:
    path = backup / place / "00000000000000000000.avro"
    whole = bytearray(path.read_bytes())
    whole[at] ^= 1
    path.write_bytes(whole)
    log = MemoryLog()

    with pytest.raises(ArchiveRefused, match=f"{path} is damaged"):
        await imported(backup, into=log)

    assert {} == entries(log)


async def test_a_missing_file_is_named(backup: Path) -> None:
    (backup / "posts/4/00000000000000000000.avro").unlink()

    with pytest.raises(ArchiveRefused, match=r"posts/4/00000000000000000000.avro is missing"):
        await imported(backup)


@pytest.mark.parametrize("altered", ['"posts/3": 4', '"posts/3": 55', '"posts/3": "5'])
async def test_an_altered_manifest_is_refused(backup: Path, altered: str) -> None:
    path = backup / "manifest.json"
    text = path.read_text()
    assert '"posts/3": 5' in text
    path.write_text(text.replace('"posts/3": 5', altered))

    with pytest.raises(ArchiveRefused, match=r"manifest.json is damaged"):
        await imported(backup)


async def test_records_in_another_order_are_refused(log: MemoryLog, backup: Path) -> None:
    zero, one, *rest = log.records[HERE]
    altered(backup, HERE, one, zero, *rest)

    with pytest.raises(ArchiveRefused, match="offset 0 comes after 1"):
        await imported(backup)


async def test_a_segment_with_fewer_records_than_the_manifest_says_is_refused(log: MemoryLog, backup: Path) -> None:
    manifest = Manifest.read(backup, Kind.FACTS)
    assert manifest is not None
    more = tuple(replace(each, records=each.records + 1) if each.place == HERE else each for each in manifest.segments)
    replace(manifest, segments=more).write(backup)

    with pytest.raises(ArchiveRefused, match="it holds 5 records, the manifest says 6"):
        await imported(backup)


async def test_a_segment_of_another_partition_is_refused(backup: Path) -> None:
    manifest = Manifest.read(backup, Kind.FACTS)
    assert manifest is not None
    (segment,) = manifest.of(THERE)
    elsewhere = backup / replace(segment, place=Partition("posts", 5)).name
    elsewhere.parent.mkdir()
    (backup / segment.name).rename(elsewhere)
    moved = tuple(replace(each, place=Partition("posts", 5)) if each == segment else each for each in manifest.segments)
    ends = {**manifest.ends, THERE: 0, Partition("posts", 5): 1}
    replace(manifest, segments=moved, ends=ends).write(backup)

    with pytest.raises(ArchiveRefused, match="it holds records of posts/4"):
        await imported(backup)


@pytest.mark.parametrize(
    ("segments", "why"),
    [
        ([(0, 1), (3, 4)], "where offset 2 of posts/3 should follow"),
        ([(0, 2), (2, 4)], "where offset 3 of posts/3 should follow"),
        ([(1, 4)], "where offset 0 of posts/3 should follow"),
        ([(0, 3)], "names no segment of posts/3 that ends before offset 5"),
        ([], "names no segment of posts/3 that ends before offset 5"),
    ],
)
async def test_a_manifest_that_leaves_offsets_out_is_refused(backup: Path, segments: list[tuple[int, int]], why: str) -> None:
    manifest = Manifest.read(backup, Kind.FACTS)
    assert manifest is not None
    others = [each for each in manifest.segments if each.place != HERE]
    named = [Segment(HERE, first, last, last + 1 - first, 1, "") for first, last in segments]
    replace(manifest, segments=(*others, *named)).write(backup)

    with pytest.raises(ArchiveRefused, match=why):
        await imported(backup)


async def test_topics_with_other_partitions_are_refused(backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    more = {**TOPICS, "posts": replace(TOPICS["posts"], partitions=24)}
    monkeypatch.setattr("eventlog.archive.manifest.TOPICS", more)

    with pytest.raises(ArchiveRefused, match="streams would change partitions"):
        await imported(backup)


async def test_a_topic_that_holds_something_else_is_refused_and_left_alone(backup: Path) -> None:
    log = MemoryLog()
    await fill(log, THERE, "somebody's")

    with pytest.raises(ArchiveRefused, match=r"posts/4 is not empty: its record at offset 0 \(somebody's\) is not the backup's"):
        await imported(backup, into=log)

    assert {THERE: [b"somebody's"]} == {place: values(log, place) for place in entries(log)}


async def test_a_topic_that_goes_on_after_the_backup_is_refused(log: MemoryLog, backup: Path) -> None:
    await fill(log, THERE, "written since")

    with pytest.raises(ArchiveRefused, match="posts/4 ends at offset 2, the backup of it at 1"):
        await imported(backup, into=log)


async def test_a_fact_topic_that_lacks_records_is_refused(log: MemoryLog, backup: Path) -> None:
    holed = Compacted()
    holed.records = log.records
    holed.gone = {(HERE, 4)}

    with pytest.raises(ArchiveRefused, match="posts/3 is not empty, and has no record at offset 4"):
        await imported(backup, into=holed)


async def test_an_interrupted_import_goes_on(log: MemoryLog, backup: Path) -> None:
    restored = Failing(appends=2)
    with pytest.raises(OutcomeUnknown):
        await imported(backup, into=restored)
    before = sum(map(len, entries(restored).values()))

    restored.appends = 1 << 30
    await imported(backup, into=restored)

    assert 0 < before < 8
    assert entries(log) == entries(restored)


async def test_an_import_stops_where_somebody_else_writes(backup: Path) -> None:
    log = MemoryLog()
    made = Backup(backup, Kind.FACTS)
    starts = await compare(log, made, quiet)
    await fill(log, HERE, "in between")

    with pytest.raises(ArchiveRefused, match="posts/3 got a record at offset 1 where 0 follows"):
        await restore(log, made, starts, quiet)


async def test_offsets_without_records_are_filled_by_what_nobody_reads(tmp_path: Path) -> None:
    log = Compacted()
    await fill(log, KEYS, "a", "b", "c", "d", "e")
    log.gone = {(KEYS, 0), (KEYS, 2), (KEYS, 4)}

    await export(log, tmp_path, Kind.KEYS)
    restored = await imported(tmp_path, Kind.KEYS)

    filler, b, _, d, _ = restored.records[KEYS]
    assert [None, b"b", None, b"d", None] == values(restored, KEYS)
    assert [b"key"] * 2 == [b.key, d.key]
    assert FILLER == (filler.key, filler.value, filler.headers)
    assert heading_of(filler, 1) is None  # the referee voids it


async def test_an_import_of_keys_goes_on_after_their_topic_was_compacted(tmp_path: Path) -> None:
    log = MemoryLog()
    await fill(log, KEYS, "a", "b", "c")
    await export(log, tmp_path, Kind.KEYS)
    restored = Compacted()
    await fill(restored, KEYS, "a", "b")
    restored.gone = {(KEYS, 0)}

    await imported(tmp_path, Kind.KEYS, into=restored)

    assert [b"a", b"b", b"c"] == values(restored, KEYS)


async def test_keys_that_were_exported_before_the_facts_do_not_cover_them(log: MemoryLog, tmp_path: Path) -> None:
    await export(log, tmp_path / "keys", Kind.KEYS)
    await export(log, tmp_path / "same")
    await fill(log, THERE, "later")
    await export(log, tmp_path / "later")

    keys = Backup(tmp_path / "keys", Kind.KEYS)

    assert {} == uncovered(Backup(tmp_path / "same", Kind.FACTS), keys)
    assert {THERE: 1} == uncovered(Backup(tmp_path / "later", Kind.FACTS), keys)


async def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveRefused, match="holds no backup of facts"):
        await imported(tmp_path)
    with pytest.raises(ArchiveRefused, match="holds no backup of facts"):
        await imported(tmp_path / "nowhere")
