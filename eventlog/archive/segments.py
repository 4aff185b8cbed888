"""Segments: runs of a partition's records, each an Avro object container file, which any Avro tool can read."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import fastavro
from fastavro.write import Writer

from eventlog.archive.files import ArchiveRefused, aside, keep, make_folder
from eventlog.record import Partition, Record

CODEC = "deflate"  # the one compression that every Avro tool has
COPY = "put it back from another copy of the backup"
SCHEMA = {
    "type": "record",
    "name": "Record",
    "namespace": "inkstream.log",
    "doc": "A record of the log as its broker gave it.",
    "fields": [
        {"name": "offset", "type": "long"},
        {"name": "time", "type": "long", "doc": "When the broker appended it, in milliseconds since 1970."},
        {"name": "key", "type": ["null", "bytes"]},
        {
            "name": "headers",
            "type": {
                "type": "array",
                "items": {
                    "type": "record",
                    "name": "Header",
                    "fields": [{"name": "name", "type": "string"}, {"name": "value", "type": "bytes"}],
                },
            },
        },
        {"name": "value", "type": ["null", "bytes"]},
    ],
}
_PARSED = fastavro.parse_schema(SCHEMA)


@dataclass(frozen=True, slots=True)
class Segment:
    """A file of a partition's records with the offsets `first` to `last`.

    They are fewer than the offsets where compaction or a transaction left gaps. `size` is in bytes, `sha256` in hex.
    """

    place: Partition
    first: int
    last: int
    records: int
    size: int
    sha256: str

    @property
    def name(self) -> str:
        """Its path inside the backup."""
        return name_of(self.place, self.first)


def name_of(place: Partition, first: int) -> str:
    """The path of the segment that begins at an offset, inside the backup; names sort as offsets do."""
    return f"{place}/{first:020}.avro"


class SegmentWriter:
    """Writes one segment; it is there under its name only once it was finished."""

    def __init__(self, folder: Path, place: Partition, first: int) -> None:
        self._place = place
        self._first = first
        self._path = folder / name_of(place, first)
        self._records = 0
        make_folder(self._path.parent)
        self._file = aside(self._path).open("wb")
        metadata = {"inkstream.topic": place.topic, "inkstream.partition": str(place.number)}
        self._writer = Writer(self._file, _PARSED, CODEC, metadata=metadata)

    @property
    def size(self) -> int:
        """Bytes written so far, nearly."""
        return self._file.tell()

    def add(self, record: Record) -> None:
        """Write a record."""
        headers = [{"name": name, "value": value} for name, value in record.headers]
        self._writer.write({"offset": record.offset, "time": record.time, "key": record.key, "headers": headers, "value": record.value})
        self._records += 1

    def finish(self, last: int) -> Segment:
        """Close it as one that holds all records up to the offset `last`."""
        self._writer.flush()
        size = self.size
        keep(self._file, self._path)
        return Segment(self._place, self._first, last, self._records, size, _sum(self._path))

    def discard(self) -> None:
        """Leave nothing of it, unless it was finished."""
        self._file.close()
        aside(self._path).unlink(missing_ok=True)


def check_file(folder: Path, segment: Segment) -> None:
    """Compare a segment's file with its checksum. Raises ArchiveRefused, naming the file."""
    path = folder / segment.name
    try:
        found = _sum(path)
    except FileNotFoundError:
        raise ArchiveRefused(f"{path} is missing", COPY) from None
    if found != segment.sha256:
        raise ArchiveRefused(f"{path} is damaged: its SHA-256 is {found}, the manifest says {segment.sha256}", COPY)


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_segment(folder: Path, segment: Segment) -> Iterator[Record]:
    """Its records. Raises ArchiveRefused where the file holds something else than the manifest says, or holds it in another order."""
    path = folder / segment.name
    place, before, count = segment.place, segment.first - 1, 0
    try:
        with path.open("rb") as file:
            reader: Any = fastavro.reader(file)
            found = f"{reader.metadata.get('inkstream.topic')}/{reader.metadata.get('inkstream.partition')}"
            if found != str(place):
                _wrong(f"it holds records of {found}")
            for each in reader:
                offset = each["offset"]
                if not before < offset <= segment.last:
                    _wrong(f"offset {offset} comes after {before}, in a file of {segment.first} to {segment.last}")
                before, count = offset, count + 1
                headers = [(header["name"], header["value"]) for header in each["headers"]]
                yield Record(place, offset, each["time"], each["key"], each["value"], headers)
            if count != segment.records:
                _wrong(f"it holds {count} records, the manifest says {segment.records}")
    except Exception as error:  # what breaks in reading a file is the file, whatever fastavro calls it
        raise ArchiveRefused(f"{path} can not be read: {error}", COPY) from error


def _wrong(why: str) -> NoReturn:
    raise ValueError(why)
