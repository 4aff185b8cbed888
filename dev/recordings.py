"""Records chapters of the recorded log that are not recorded yet, and hashes that are not there yet. Run it by `make recordings`.

What is there is never changed: a verdict is for ever, and views that come out otherwise are a new version of their projection.
"""

import asyncio
import json
import sys
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

from dev.life import CHAPTERS
from dev.pen import Pen
from eventlog.testing import CaughtUp, when_caught_up
from tests.kit.recorded import FOLDER, HASHES, READERS, chapters, hash_by_topic, hash_of, load, written

Hashes = dict[str, Any]  # names within names, and at the end hashes


async def comes_to(files: list[Path]) -> Hashes:
    """What the log comes to at the end of some chapters: a hash of the last one, of all verdicts by topic, and of all views."""
    log = load(files)
    found: Hashes = {"records": sha256(files[-1].read_bytes()).hexdigest(), "verdicts": {}, "views": {}}
    for reader in READERS.values():
        async with reader.facts(log) as facts:
            caught_up = await when_caught_up(log, reader.projection, facts)
        if caught_up.parked:
            raise RuntimeError(f"{reader.projection.label} can not digest what was recorded: {caught_up.parked[0]}")
        found["verdicts"] |= verdicts(caught_up)
        found["views"][reader.projection.label] = {view: hash_of(docs) for view, docs in caught_up.documents.items()}
    return found


def verdicts(caught_up: CaughtUp) -> Hashes:
    """The hashes of a ledger's entries, by topic and kind."""
    versions = {stream: {"_id": stream, "v": version} for stream, version in caught_up.versions.items()}
    kinds = {"ledger": versions, "attempts": caught_up.attempts, "voids": caught_up.voids}
    by_kind = {kind: hash_by_topic(docs) for kind, docs in kinds.items()}
    topics = sorted({topic for hashes in by_kind.values() for topic in hashes})
    return {topic: {kind: hashes[topic] for kind, hashes in by_kind.items() if topic in hashes} for topic in topics}


def differences(then: Hashes, now: Hashes) -> list[str]:
    """What was recorded and comes out otherwise now. Views of other versions than now are passed over."""
    found: list[str] = []
    for chapter, was in then.items():
        comes_to = now.get(chapter, {"records": "gone", "verdicts": {}, "views": {}})
        found += _unequal(chapter, was, comes_to, ["records"])
        for topic, hashes in was["verdicts"].items():
            found += _unequal(f"{chapter}: {topic}", hashes, comes_to["verdicts"].get(topic, {}), hashes)
        for label in was["views"].keys() & comes_to["views"].keys():
            hashes = comes_to["views"][label]
            found += _unequal(f"{chapter}: {label}", was["views"][label], hashes, was["views"][label].keys() | hashes.keys())
    return sorted(found)


def _unequal(place: str, then: Hashes, now: Hashes, names: Iterable[str]) -> list[str]:
    here = [(name, then.get(name, "not there"), now.get(name, "not there")) for name in names]
    return [f"{place}: {name} was {was}, it is {is_now}" for name, was, is_now in here if was != is_now]


def merged(then: Hashes, now: Hashes) -> Hashes:
    """What was recorded, and what came since."""
    both = {name: merged(was, now[name]) for name, was in then.items() if isinstance(was, dict) and name in now}
    return {**now, **then, **both}


def recorded() -> Hashes:
    """The hashes that are recorded, by chapter."""
    found: Hashes = json.loads(HASHES.read_text("utf-8")) if HASHES.exists() else {}
    return found


async def record(name: str) -> Path:
    """Record a chapter, behind those that are there."""
    log = load(chapters())
    ends = {place: len(records) for place, records in log.records.items()}
    async with Pen(log).writing() as pen:
        await CHAPTERS[name](pen)
    file = FOLDER / f"{name}.jsonl"
    lines = [written(each) for place, records in sorted(log.records.items()) for each in records[ends.get(place, 0) :]]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


async def main() -> None:
    """Record what is new."""
    FOLDER.mkdir(exist_ok=True)
    for name in CHAPTERS.keys() - {file.stem for file in chapters()}:
        sys.stdout.write(f"recorded {(await record(name)).name}\n")
    files = chapters()
    now = {file.stem: await comes_to(files[: number + 1]) for number, file in enumerate(files)}
    then = recorded()
    changed = differences(then, now)
    if changed:
        sys.exit("\n".join([*changed, "give the projection whose views changed its next version; a verdict may never change"]))
    HASHES.write_text(json.dumps(merged(then, now), indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    asyncio.run(main())
