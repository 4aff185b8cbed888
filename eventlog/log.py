"""The log on Kafka: append and tail, behind a port so narrow that a list in memory keeps the same promises (`memory.py`)."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, OffsetOutOfRangeError
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from eventlog.connecting import Way, options
from eventlog.record import Entry, Headers, Partition, Record
from eventlog.topics import MAX_MESSAGE_BYTES, TOPICS

APPEND_TIMEOUT = 5.0
FETCH_RECORDS = 2000
_VALUE = itemgetter(1)  # of a header, which may have none


class OutcomeUnknown(Exception):
    """The append was not acknowledged: it may have landed, may land later, or never."""


class TooLarge(Exception):
    """The record is larger than the log takes: it was not appended."""


class LogTruncated(Exception):
    """A position lies before the log's beginning or past its end: this is not the log that was read before, or part of it is gone."""

    def __init__(self, found: str) -> None:
        super().__init__(f"{found}: the log was truncated or replaced; starting anew tells what is wrong with it, and what to do")


class Tail(Protocol):
    """Reads partitions onwards. Each record comes once and in the order of its partition."""

    def follow(self, place: Partition, offset: int) -> None:
        """Go on with a partition from an offset."""

    def leave(self, place: Partition) -> None:
        """Read no more of a partition until it is followed again."""

    async def fetch(self, *, wait: float) -> list[Record]:
        """Take what is there, at most 2,000 records; wait for the first one, at most so many seconds. Raises LogTruncated."""

    async def position(self, place: Partition) -> int:
        """The offset that comes next, past what a compaction took away."""

    async def close(self) -> None:
        """Release what it holds."""


class Log(Protocol):
    """An append-only log of partitioned topics, by their short names."""

    async def append(self, place: Partition, key: bytes, value: bytes | None, headers: Headers) -> int:
        """Append one record; the offset that it got, or -1 where the broker does not say. Raises OutcomeUnknown or TooLarge."""

    async def tail(self, places: Iterable[Partition]) -> Tail:
        """Open a tail over some partitions; none is followed yet."""

    async def ends(self, places: Iterable[Partition]) -> Mapping[Partition, int]:
        """The offset after the last record of each partition, as it stands. Raises OutcomeUnknown where the broker does not answer."""

    async def begins(self, places: Iterable[Partition]) -> Mapping[Partition, int]:
        """The offset of the first record of each partition, likewise."""

    async def since(self, places: Iterable[Partition], moment: datetime) -> Mapping[Partition, int]:
        """The offset of the first record of each partition that is not older than a moment, else its end; likewise."""


class KafkaLog:
    """The log on Kafka.

    The producer is not idempotent, on purpose: the referee voids duplicates, so no sequence numbers are needed, and those of a client
    can wedge it for good after a broker was killed. `sequenced` asks for them all the same: for copies, whose records nobody voids.
    """

    def __init__(self, way: Way, *, prefix: str = "inkstream.", compression: str | None = "zstd", sequenced: bool = False) -> None:
        if "_crecords" not in DefaultRecordBatchBuilder.__module__:
            raise RuntimeError("aiokafka runs without its C extension, a hundred times slower: install it from a wheel")
        self._options = options(way)
        self._prefix = prefix
        self._compression = compression
        self._sequenced = sequenced
        self._producer: AIOKafkaProducer | None = None
        self._probe: AIOKafkaConsumer | None = None

    async def start(self) -> None:
        """Connect. Raises aiokafka's KafkaConnectionError where no broker answers."""
        producer = AIOKafkaProducer(
            **self._options,
            acks="all",
            enable_idempotence=self._sequenced,
            linger_ms=0,
            max_batch_size=262144,
            max_request_size=MAX_MESSAGE_BYTES,
            compression_type=self._compression,
            request_timeout_ms=5000,
            retry_backoff_ms=50,
            metadata_max_age_ms=60_000,
        )
        await _start(producer)
        self._producer = producer
        probe = AIOKafkaConsumer(**self._options, group_id=None, enable_auto_commit=False, request_timeout_ms=5000, retry_backoff_ms=50)
        try:
            await _start(probe)
        except BaseException:
            await producer.stop()  # whoever tries again makes another
            raise
        self._probe = probe

    async def stop(self) -> None:
        """Send what is under way and disconnect."""
        for client in (self._producer, self._probe):
            if client is not None:
                with contextlib.suppress(KafkaError, TimeoutError):
                    await asyncio.wait_for(client.stop(), APPEND_TIMEOUT)  # type: ignore[no-untyped-call]  # aiokafka types it not

    @property
    def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            raise RuntimeError("the log is not started")
        return self._producer

    async def append(self, place: Partition, key: bytes, value: bytes | None, headers: Headers) -> int:
        """See `Log.append`."""
        topic = self._prefix + place.topic
        return await _offset(self._started.send(topic, value, key=key, partition=place.number, headers=list(headers)))

    async def append_all(self, place: Partition, entries: Sequence[Entry]) -> int:
        """See `archive.restoring.Fillable`."""
        batch = self._started.create_batch()
        for key, value, headers in entries:
            if batch.append(key=key, value=value, timestamp=None, headers=list(headers)) is None:
                raise TooLarge("the records do not fit into one request")
        return await _offset(self._started.send_batch(batch, self._prefix + place.topic, partition=place.number))

    async def tail(self, places: Iterable[Partition]) -> "KafkaTail":
        """See `Log.tail`."""
        consumer = AIOKafkaConsumer(
            **self._options,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_bytes=8 << 20,
            max_partition_fetch_bytes=4 << 20,
            request_timeout_ms=10_000,
            retry_backoff_ms=50,
            metadata_max_age_ms=60_000,
        )
        await _start(consumer)
        return KafkaTail(consumer, self._prefix, places)

    async def ends(self, places: Iterable[Partition]) -> Mapping[Partition, int]:
        """See `Log.ends`."""
        return await self._offsets(places, -1)

    async def begins(self, places: Iterable[Partition]) -> Mapping[Partition, int]:
        """See `Log.begins`."""
        return await self._offsets(places, -2)

    async def since(self, places: Iterable[Partition], moment: datetime) -> Mapping[Partition, int]:
        """See `Log.since`."""
        return await self._offsets(places, int(moment.timestamp() * 1000))

    async def _offsets(self, places: Iterable[Partition], moment: int) -> Mapping[Partition, int]:
        if self._probe is None:
            raise RuntimeError("the log is not started")
        wanted = {TopicPartition(self._prefix + place.topic, place.number): place for place in places}
        try:
            async with asyncio.timeout(APPEND_TIMEOUT):
                if moment == -1:
                    return {wanted[at]: offset for at, offset in (await self._probe.end_offsets(list(wanted))).items()}
                if moment == -2:  # noqa: PLR2004 - Kafka's protocol: -1 the end, -2 the beginning
                    return {wanted[at]: offset for at, offset in (await self._probe.beginning_offsets(list(wanted))).items()}
                found = await self._probe.offsets_for_times(dict.fromkeys(wanted, moment))
                ends = await self._probe.end_offsets([at for at, stamp in found.items() if stamp is None])
                return {wanted[at]: stamp.offset if stamp is not None else ends[at] for at, stamp in found.items()}
        except (KafkaError, TimeoutError) as error:
            raise OutcomeUnknown(f"the log does not tell its offsets: {error!r}") from error


async def _offset(sending: Awaitable["asyncio.Future[Any]"]) -> int:
    """The offset that a send gets."""
    try:
        async with asyncio.timeout(APPEND_TIMEOUT):
            sent = await sending
            sent.add_done_callback(_seen)
            # A cancelled wait does not take the record back: the batch that holds it may still be sent.
            return int((await asyncio.shield(sent)).offset)
    except MessageSizeTooLargeError as error:
        raise TooLarge(str(error)) from error
    except (KafkaError, TimeoutError) as error:
        raise OutcomeUnknown(str(error) or type(error).__name__) from error


async def _start(client: AIOKafkaProducer | AIOKafkaConsumer) -> None:
    """Start a client, or leave nothing of it open."""
    try:
        await client.start()  # type: ignore[no-untyped-call]  # aiokafka types it not
    except BaseException:
        await client.stop()  # type: ignore[no-untyped-call]  # the same
        raise


class KafkaTail:
    """See `Tail`. All partitions are assigned, without a consumer group, and those that are not followed are paused."""

    def __init__(self, consumer: AIOKafkaConsumer, prefix: str, places: Iterable[Partition]) -> None:
        self._consumer = consumer
        self._prefix = prefix
        self._at = {place: TopicPartition(prefix + place.topic, place.number) for place in places}
        self._place = {at: place for place, at in self._at.items()}
        consumer.assign(list(self._place))
        for at in self._place:
            consumer.seek(at, 0)
            consumer.pause(at)

    def follow(self, place: Partition, offset: int) -> None:
        """See `Tail.follow`."""
        self._consumer.seek(self._at[place], offset)
        self._consumer.resume(self._at[place])

    def leave(self, place: Partition) -> None:
        """See `Tail.leave`."""
        self._consumer.pause(self._at[place])

    async def fetch(self, *, wait: float) -> list[Record]:
        """See `Tail.fetch`."""
        try:
            batches = await self._consumer.getmany(timeout_ms=int(wait * 1000), max_records=FETCH_RECORDS)
        except OffsetOutOfRangeError as error:
            raise LogTruncated(f"the log does not hold the position asked for: {error}") from error
        await asyncio.sleep(0)  # getmany does not yield while it has data
        return [
            Record(
                place,
                message.offset,
                message.timestamp,
                message.key,
                message.value,
                message.headers if None not in map(_VALUE, message.headers) else _filled(message.headers),
            )
            for place, messages in ((self._place[at], messages) for at, messages in batches.items())
            for message in messages
        ]

    async def position(self, place: Partition) -> int:
        """See `Tail.position`."""
        return int(await self._consumer.position(self._at[place]))

    async def close(self) -> None:
        """See `Tail.close`."""
        with contextlib.suppress(KafkaError, TimeoutError):
            # Shielded: whoever is cancelled once more while it closes leaves nothing open.
            await asyncio.shield(asyncio.wait_for(self._consumer.stop(), APPEND_TIMEOUT))


def _seen(sent: "asyncio.Future[Any]") -> None:
    """Take note of how a send ended that nobody waits for any more: its outcome is asked of the ledger."""
    if not sent.cancelled():
        sent.exception()


def _filled(headers: Iterable[tuple[str, bytes | None]]) -> Headers:
    return tuple((name, value or b"") for name, value in headers)


async def read(log: Log, starts: Mapping[Partition, int]) -> AsyncGenerator[Record, None]:
    """Read partitions from given offsets to their ends as they stand now, then stop. Raises OutcomeUnknown, LogTruncated."""
    ends = await log.ends(starts)
    open_until = {place: end for place, end in ends.items() if starts[place] < end}
    if not open_until:
        return
    tail = await log.tail(open_until)
    try:
        for place in open_until:
            tail.follow(place, starts[place])
        while open_until:
            for record in await tail.fetch(wait=1.0):
                if record.offset < ends[record.place]:
                    yield record
            for place in [place for place, end in open_until.items() if await tail.position(place) >= end]:
                tail.leave(place)
                del open_until[place]
    finally:
        await tail.close()


def places_of(topics: Iterable[str]) -> list[Partition]:
    """All partitions of some topics, by their short names."""
    return [place for name in topics for place in TOPICS[name].places()]
