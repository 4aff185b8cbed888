"""The manifest of a backup: what it is a backup of, how far it reaches, and every segment with its checksum."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from eventlog.archive.files import ArchiveRefused, aside, keep
from eventlog.archive.segments import COPY, Segment
from eventlog.record import Partition
from eventlog.topics import TOPICS, Topic

NAME = "manifest.json"
FORMAT = "inkstream.log.backup.v1"


class Kind(StrEnum):
    """What is backed up together: facts for ever, keys so that their backups can expire."""

    FACTS = "facts"
    KEYS = "keys"

    def topics(self) -> list[Topic]:
        """The topics of this kind, in the order in which they are declared."""
        return [topic for topic in TOPICS.values() if topic.compacted == (self is Kind.KEYS)]

    def places(self) -> list[Partition]:
        """All their partitions."""
        return [place for topic in self.topics() for place in topic.places()]


@dataclass(frozen=True)
class Manifest:
    """A backup's table of contents.

    `ends` are the offsets after the last records when the last export that finished began, at `finished`: so far the backup is whole.
    An export that was interrupted leaves segments beyond them. `covers`, of keys: where the fact topics ended before the keys were read.
    """

    kind: Kind
    segments: tuple[Segment, ...] = ()
    finished: datetime | None = None
    ends: Mapping[Partition, int] = field(default_factory=dict)
    covers: Mapping[Partition, int] = field(default_factory=dict)

    def of(self, place: Partition) -> list[Segment]:
        """The segments of a partition, in the order of their offsets."""
        return sorted((segment for segment in self.segments if segment.place == place), key=lambda segment: segment.first)

    def write(self, folder: Path) -> None:
        """Put it into the backup's folder in place of what was there."""
        body = {
            "format": FORMAT,
            "kind": self.kind,
            "finished": self.finished.isoformat() if self.finished else None,
            "topics": _declared(self.kind.topics()),
            "ends": {str(place): end for place, end in sorted(self.ends.items())},
            "covers": {str(place): end for place, end in sorted(self.covers.items())},
            "segments": [_shown(segment) for segment in self.segments],
        }
        path = folder / NAME
        with aside(path).open("wb") as file:
            file.write(json.dumps({**body, "sha256": _checksum(body)}, indent=1).encode())
            keep(file, path)

    @classmethod
    def read(cls, folder: Path, kind: Kind) -> "Manifest | None":
        """Read that of a folder; None where there is none. Raises ArchiveRefused."""
        path = folder / NAME
        try:
            body = json.loads(path.read_bytes())
            checksum = body.pop("sha256")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (ValueError, AttributeError, KeyError) as error:
            raise ArchiveRefused(f"{path} is damaged: {error!r}", COPY) from error
        if checksum != _checksum(body):
            raise ArchiveRefused(f"{path} is damaged: its own SHA-256 is another than it says", COPY)
        if body["format"] != FORMAT:
            raise ArchiveRefused(
                f"{path} is written as {body['format']}", f"use the version of inkctl that made it; this one reads {FORMAT}"
            )
        if body["kind"] != kind:
            raise ArchiveRefused(f"{folder} is a backup of {body['kind']}, not of {kind}", f"name the folder that holds the {kind}")
        _check_topics(path, body["topics"])
        found = cls(
            kind,
            tuple(_segment(each) for each in body["segments"]),
            datetime.fromisoformat(body["finished"]) if body["finished"] else None,
            {Partition.parse(place): end for place, end in body["ends"].items()},
            {Partition.parse(place): end for place, end in body["covers"].items()},
        )
        found.check(path)
        return found

    def check(self, path: Path) -> None:
        """Refuse segments that leave out an offset, stand twice, or do not reach as far as the backup says."""
        known = set(self.kind.places())
        for place in {segment.place for segment in self.segments} | self.ends.keys():
            if place not in known:
                raise ArchiveRefused(f"{path} names {place}, which is no partition of the {self.kind}", COPY)
            borders = [0, *(segment.last + 1 for segment in self.of(place))]
            for segment, border in zip(self.of(place), borders, strict=False):
                if segment.first != border or segment.last < segment.first:
                    raise ArchiveRefused(f"{path} names {segment.name} where offset {border} of {place} should follow", COPY)
            if self.ends.get(place, 0) not in borders:
                raise ArchiveRefused(f"{path} names no segment of {place} that ends before offset {self.ends[place]}", COPY)


def _declared(topics: Iterable[Topic]) -> dict[str, Any]:
    return {topic.name: {"owner": topic.owner, "partitions": topic.partitions, "compacted": topic.compacted} for topic in topics}


def _check_topics(path: Path, found: Mapping[str, Mapping[str, Any]]) -> None:
    known = _declared(TOPICS.values())
    for name, declared in found.items():
        if name not in known:
            raise ArchiveRefused(f"{path} has a topic {name}, which this program does not know", "use a version of inkctl that does")
        if declared != known[name]:
            raise ArchiveRefused(
                f"{path} declares {name} as {dict(declared)}, this program as {known[name]}: streams would change partitions",
                "use the version of inkctl that made the backup",
            )


def _shown(segment: Segment) -> dict[str, Any]:
    return {
        "file": segment.name,
        "partition": str(segment.place),
        "first": segment.first,
        "last": segment.last,
        "records": segment.records,
        "size": segment.size,
        "sha256": segment.sha256,
    }


def _segment(shown: Mapping[str, Any]) -> Segment:
    place = Partition.parse(shown["partition"])
    return Segment(place, shown["first"], shown["last"], shown["records"], shown["size"], shown["sha256"])


def _checksum(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
