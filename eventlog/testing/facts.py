"""Facts for tests: events as JSON, and records that go to a log past every handler."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID, uuid4

from eventlog.log import Log
from eventlog.partitioner import partition_of
from eventlog.record import Claim, Partition, Record
from eventlog.topics import TOPICS
from events.codec import UnknownSchema

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)  # when an event happened that does not say it


class Facts(Protocol):
    """How events are written and read; see `eventlog.facts.Facts`."""

    def encode(self, event: Any, attempt: UUID, /) -> bytes:
        """An event as the value of a record."""

    def decode(self, record: Record, /) -> Any:
        """The event that a record carries."""

    async def catch_up(self) -> None:
        """Read the keys."""


class JsonFacts:
    """Facts as JSON, for events that JSON can hold. Each class names its type as `TYPE`; any other type is an unknown schema."""

    def __init__(self, *classes: type[Any]) -> None:
        self._classes = {cls.TYPE: cls for cls in classes}

    def encode(self, event: Any, attempt: UUID) -> bytes:
        """See `Facts`."""
        del attempt
        return json.dumps(vars(event), default=str).encode()  # a closed command's ids and moments are read by nobody

    def decode(self, record: Record) -> Any:
        """See `Facts`."""
        cls = self._classes.get(record.text("ce_type"))
        if cls is None:
            raise UnknownSchema(record.text("ce_type").encode())
        return cls(**json.loads(record.value or b""))

    async def catch_up(self) -> None:
        """See `Facts`."""


async def put(  # noqa: PLR0913 - what a record says
    log: Log,
    facts: Facts,
    event: Any,
    expects: Mapping[str, int],
    *,
    topic: str,
    key: str,
    reads: Mapping[str, int] | None = None,
    attempt: UUID | None = None,
    type_: str | None = None,
    source: str = "/test",
    actor: str = "somebody",
    request: str = "",
) -> tuple[Partition, int]:
    """Append an event past every handler; where it stands. Whether it counts is for the referee to say."""
    attempt = attempt or uuid4()
    claim = Claim(
        attempt=attempt,
        type=type_ or event.TYPE,
        source=source,
        subject=next(iter(expects), ""),
        time=getattr(event, "at", LONG_AGO),
        command=uuid4(),
        expects=expects,
        reads=reads or {},
        actor=actor,
        request=request,
    )
    place = Partition(topic, partition_of(key.encode(), TOPICS[topic].partitions))
    return place, await log.append(place, key.encode(), facts.encode(event, attempt), claim.headers())
