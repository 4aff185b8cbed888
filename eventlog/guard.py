"""The boot guard: a service refuses to start on a log that is not the one it knows, or that does not keep what it must, and says why."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from eventlog.connecting import Way, options
from eventlog.entries import Position, identity
from eventlog.faults import Fault, Found, WrongLog, faults_of
from eventlog.log import Log
from eventlog.record import Partition
from eventlog.topics import TOPICS

FETCH = 1.0  # seconds that a fetch waits


async def check_topics(way: Way, topics: Iterable[str], *, prefix: str = "inkstream.") -> None:
    """Refuse topics that are missing or configured otherwise than declared. Raises WrongLog; aiokafka's errors where no broker answers."""
    wanted = {prefix + name: TOPICS[name] for name in topics}
    async with _admin(way) as admin:
        brokers = len((await admin.describe_cluster())["brokers"])
        there = [name for name in await admin.list_topics() if name in wanted]
        replicas = {
            described["topic"]: [len(partition["replicas"]) for partition in described["partitions"]]
            for described in (await admin.describe_topics(there) if there else ())
        }
        settings = await _settings(admin, there)
    found = {name: Found(replicas[name], brokers, settings[name]) for name in there}
    _refuse([fault for name, topic in wanted.items() for fault in faults_of(topic, name, found.get(name))])


async def check_beginnings(log: Log, places: Iterable[Partition]) -> None:
    """Refuse partitions that begin late: what was there is gone, be it facts or keys.

    Raises WrongLog, or OutcomeUnknown where the broker does not answer.
    """
    begins = await log.begins(list(places))
    cure = "Part of the log is gone: import a backup into empty topics by `inkctl log import`"
    _refuse([Fault(str(place), "the first offset", str(begin), "0", cure) for place, begin in sorted(begins.items()) if begin != 0])


async def check_positions(log: Log, positions: Mapping[Partition, Position], places: Iterable[Partition]) -> None:
    """Refuse a log that begins late, ends before a stored position, or holds another record before it.

    Raises WrongLog, or OutcomeUnknown where the broker does not answer.
    """
    followed = list(places)
    await check_beginnings(log, followed)
    ends = await log.ends(followed)
    stored = [positions[place] for place in followed if place in positions and positions[place].next]
    cure = "{}: restore the right log, or drop this service's database, which is built anew from the log that is there"
    short = [position for position in stored if ends[position.place] < position.next]
    _refuse(
        [
            Fault(
                topic=str(position.place),
                setting="the offset after its last record",
                found=str(ends[position.place]),
                wanted=f"at least {position.next}, as far as this service has read",
                cure=cure.format("The log was truncated or replaced"),
            )
            for position in short
        ]
    )
    found = await _at(log, {position.place: position.next - 1 for position in stored})
    _refuse(
        [
            Fault(
                topic=str(position.place),
                setting=f"the record at offset {position.next - 1}",
                found=found[position.place] or "none",
                wanted=f"{position.last or 'none'}, which this service has read there",
                cure=cure.format("This is another log"),
            )
            for position in stored
            if found[position.place] != position.last
        ]
    )


async def _settings(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, str | None]]:
    """The settings of some topics, by the topics' names."""
    if not names:
        return {}
    found: dict[str, dict[str, str | None]] = {}
    for answer in await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names]):
        for code, message, _, name, entries in cast("Any", answer).resources:
            if code:
                raise for_code(code)(message or f"the settings of {name} can not be read")
            found[name] = {entry[0]: entry[1] for entry in entries}
    return found


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise WrongLog(faults)


async def _at(log: Log, offsets: Mapping[Partition, int]) -> dict[Partition, str]:
    """What the records at some offsets are recognised by; "" where no record stands."""
    found = dict.fromkeys(offsets, "")
    if not offsets:
        return found
    tail = await log.tail(offsets)
    try:
        for place, offset in offsets.items():
            tail.follow(place, offset)
        waiting = set(offsets)
        while waiting:
            for record in await tail.fetch(wait=FETCH):
                if record.offset == offsets[record.place]:
                    found[record.place] = identity(record)
            for place in [place for place in waiting if await tail.position(place) > offsets[place]]:
                tail.leave(place)
                waiting.discard(place)
    finally:
        await tail.close()
    return found


@asynccontextmanager
async def _admin(way: Way) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**options(way))
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()
