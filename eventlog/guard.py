"""The boot guard: a service refuses to start on a log that is not the one it knows, or that does not keep what it must, and says why."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from eventlog.entries import Position, identity
from eventlog.log import Log
from eventlog.record import Partition
from eventlog.topics import TOPICS, Topic

FETCH = 1.0  # seconds that a fetch waits


class WrongLog(Exception):
    """The log is not what it must be: the message names what was found, what was wanted, and the cure."""


async def check_topics(bootstrap: str, topics: Iterable[str], *, prefix: str = "inkstream.") -> None:
    """Refuse topics that are missing or configured otherwise than declared. Raises WrongLog; aiokafka's errors where no broker answers."""
    wanted = [TOPICS[name] for name in topics]
    async with _admin(bootstrap) as admin:
        known = await admin.list_topics()
        for topic in wanted:
            if prefix + topic.name not in known:
                raise WrongLog(f"topic {prefix}{topic.name} does not exist: create it with `inkctl topics ensure`")
        for description in await admin.describe_topics([prefix + topic.name for topic in wanted]):
            topic = TOPICS[description["topic"].removeprefix(prefix)]
            found = len(description["partitions"])
            if found != topic.partitions:
                raise WrongLog(
                    f"topic {prefix}{topic.name} has {found} partitions, wanted are {topic.partitions}: streams would change partitions; "
                    "restore the log from a backup into topics as declared"
                )
        answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, prefix + topic.name) for topic in wanted])
        for answer in answers:
            for code, message, _, name, entries in cast("Any", answer).resources:
                if code:
                    raise for_code(code)(message or f"the settings of {name} can not be read")
                _check_settings(TOPICS[name.removeprefix(prefix)], prefix, {entry[0]: entry[1] for entry in entries})


def _check_settings(topic: Topic, prefix: str, found: Mapping[str, str | None]) -> None:
    relied_on = {"cleanup.policy", "message.timestamp.type"} | (
        {"max.compaction.lag.ms"} if topic.compacted else {"retention.ms", "retention.bytes"}
    )
    for setting in sorted(relied_on):
        wanted = topic.settings()[setting]
        if found.get(setting) != wanted:
            raise WrongLog(
                f"topic {prefix}{topic.name} has {setting}={found.get(setting)}, wanted is {wanted}: set it by "
                f"`kafka-configs --alter --entity-type topics --entity-name {prefix}{topic.name} --add-config {setting}={wanted}`, "
                "and make sure that nothing was lost meanwhile"
            )


async def check_positions(log: Log, positions: Mapping[Partition, Position], places: Iterable[Partition]) -> None:
    """Refuse a log that begins late, ends before a stored position, or holds another record before it.

    Raises WrongLog, or OutcomeUnknown where the broker does not answer.
    """
    followed = list(places)
    begins, ends = await log.begins(followed), await log.ends(followed)
    for place in followed:
        position = positions.get(place, Position(place))
        if begins[place] != 0:
            raise WrongLog(f"{place} begins at offset {begins[place]}, not at 0: part of the log is gone; restore it from a backup")
        if ends[place] < position.next:
            raise WrongLog(
                f"{place} ends at offset {ends[place]}, but this service has read it up to {position.next}: the log was truncated or "
                "replaced; restore it from a backup, or drop this service's database to build it from the log that is there"
            )
    read_before = [positions[place] for place in followed if place in positions and positions[place].next]
    found = await _at(log, {position.place: position.next - 1 for position in read_before})
    for position in read_before:
        if found[position.place] != position.last:
            raise WrongLog(
                f"{position.place} holds the record {found[position.place] or '(none)'} at offset {position.next - 1}, "
                f"but this service has read {position.last or '(none)'} there: this is another log; "
                "restore the right one, or drop this service's database to build it from the log that is there"
            )


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
async def _admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()
