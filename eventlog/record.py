"""A fact as recorded: where it stands in the log, and what its headers say about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import NamedTuple
from uuid import UUID

import orjson

Headers = Sequence[tuple[str, bytes]]

CONTENT_TYPE = b"application/avro"


class Partition(NamedTuple):
    """One partition of a topic, by the topic's short name; written `posts/3`."""

    topic: str
    number: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.number}"

    @classmethod
    def parse(cls, text: str) -> "Partition":
        """Read what `str` wrote; ValueError for anything else."""
        topic, _, number = text.rpartition("/")
        if not topic or not (number.isascii() and number.isdigit()) or len(number) > 6:  # noqa: PLR2004 - far more partitions than Kafka has
            raise ValueError(f"{text!r} is no partition")
        return cls(topic, int(number))


class Entry(NamedTuple):
    """What is appended: a record without what the broker adds, its offset and time."""

    key: bytes | None
    value: bytes | None
    headers: Headers

    @property
    def size(self) -> int:
        """Bytes of key, value and headers, nearly."""
        return len(self.key or b"") + len(self.value or b"") + sum(map(len, chain.from_iterable(self.headers)))


class Record(NamedTuple):
    """A record as read from the log. `time` is the broker's, in milliseconds since 1970; `value` None is a tombstone."""

    place: Partition
    offset: int
    time: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()

    @property
    def topic(self) -> str:
        """The topic that it stands in."""
        return self.place.topic

    @property
    def partition(self) -> int:
        """The number of the partition that it stands in."""
        return self.place.number

    def text(self, name: str) -> str:
        """The first header of that name as text, "" where there is none. Any bytes have a text: Latin-1 is total and exact."""
        for header, value in self.headers:
            if header == name:
                return value.decode("latin-1")
        return ""

    @property
    def size(self) -> int:
        """Bytes of value and headers, nearly."""
        return len(self.value or b"") + sum(map(len, chain.from_iterable(self.headers)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a record says of itself in its headers: CloudEvents 1.0 in Kafka's binary mode, and what the referee reads."""

    attempt: UUID
    type: str
    source: str
    subject: str
    time: datetime
    command: UUID
    expects: Mapping[str, int]
    reads: Mapping[str, int]
    actor: str
    request: str
    traceparent: str | None = None

    def headers(self) -> list[tuple[str, bytes]]:
        """The headers, as they are appended."""
        written = [
            ("ce_specversion", b"1.0"),
            ("ce_id", str(self.attempt).encode()),
            ("ce_type", self.type.encode()),
            ("ce_source", self.source.encode()),
            ("ce_subject", self.subject.encode()),
            ("ce_time", self.time.isoformat().replace("+00:00", "Z").encode()),
            ("content-type", CONTENT_TYPE),
            ("ce_command", str(self.command).encode()),
            ("ce_expects", orjson.dumps(dict(self.expects))),
            ("ce_reads", orjson.dumps(dict(self.reads))),
            ("ce_actor", self.actor.encode()),
            ("ce_request", self.request.encode()),
        ]
        if self.traceparent:
            written.append(("traceparent", self.traceparent.encode()))
        return written
