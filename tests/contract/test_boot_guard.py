"""On a real Kafka: every topic in every wrong state is refused, and the refusal names topic, setting, found, wanted and cure."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from eventlog import guard
from eventlog.entries import Position
from eventlog.faults import WrongLog
from eventlog.guard import check_beginnings, check_positions, check_topics
from eventlog.log import KafkaLog
from eventlog.topics import TOPICS, Topic, await_leaders, ensure
from tests.kit.losing import lose_the_first

pytestmark = pytest.mark.integration


@dataclass(frozen=True)
class Installed:
    """A Kafka with the topics as declared."""

    bootstrap: str
    prefix: str
    admin: AIOKafkaAdminClient
    log: KafkaLog


@pytest.fixture(scope="module")
async def installed(kafka: str) -> AsyncIterator[Installed]:
    prefix = f"guarded-{uuid4().hex[:12]}."
    await ensure(kafka, prefix=prefix)
    admin, log = AIOKafkaAdminClient(bootstrap_servers=kafka), KafkaLog(kafka, prefix=prefix)
    await admin.start()
    await log.start()

    yield Installed(kafka, prefix, admin, log)

    await log.stop()
    await admin.close()


def every(topic: Topic) -> bool:
    return topic.name in TOPICS


def compacted(topic: Topic) -> bool:
    return topic.compacted


def of_facts(topic: Topic) -> bool:
    return not topic.compacted


LOST = "Compare the log with a backup as well: records may have been deleted meanwhile"
AGED = "Keys may be deleted by their age otherwise"
STAYS = "An erased key stays on the disk that long"
MISSED = "What was written meanwhile has its writer's time, by which the end of a session may be missed"
STOPS = "With less, one lost disk may lose what was acknowledged; with more, one lost broker stops all writing"
LACKS = "A broker that lacks acknowledged records may become the leader otherwise"
# Which topics, the setting, how it is found, how it is wanted, what it is to be set to, and what else the cure says.
WRONG_SETTINGS: list[tuple[Callable[[Topic], bool], str, str, str, str, str]] = [
    (of_facts, "cleanup.policy", "compact", "delete", "delete", LOST),
    (of_facts, "cleanup.policy", "compact,delete", "delete", "delete", LOST),
    (of_facts, "retention.ms", "604800000", "-1", "-1", LOST),
    (of_facts, "retention.bytes", "1000000", "-1", "-1", LOST),
    (compacted, "cleanup.policy", "delete", "compact", "compact", AGED),
    (compacted, "cleanup.policy", "compact,delete", "compact", "compact", AGED),
    (compacted, "max.compaction.lag.ms", "9223372036854775807", "at most 86400000", "86400000", STAYS),
    (every, "message.timestamp.type", "CreateTime", "LogAppendTime", "LogAppendTime", MISSED),
    (every, "max.message.bytes", "1048575", "at least 1048576", "1048576", "Larger facts are refused"),
    (every, "min.insync.replicas", "2", "1", "1", STOPS),
    (every, "unclean.leader.election.enable", "true", "false", "false", LACKS),
]


@pytest.mark.parametrize(
    ("applies", "setting", "found", "wanted", "value", "beyond"), WRONG_SETTINGS, ids=[f"{state[1]}={state[2]}" for state in WRONG_SETTINGS]
)
async def test_topics_that_are_set_otherwise_are_refused(
    installed: Installed, applies: Callable[[Topic], bool], setting: str, found: str, wanted: str, value: str, beyond: str
) -> None:
    topics = {installed.prefix + topic.name: topic for topic in TOPICS.values() if applies(topic)}
    async with being_set(installed, {name: topic.settings(1) | {setting: found} for name, topic in topics.items()}):
        with pytest.raises(WrongLog) as refused:
            await check_topics(installed.bootstrap, TOPICS, prefix=installed.prefix)

    said = str(refused.value).replace("delete,compact", "compact,delete")  # the broker may list them in any order
    command = "kafka-configs --alter --entity-type topics --entity-name"
    assert [
        f"{name}: {setting} is {found}, wanted is {wanted}. Set it by `{command} {name} --add-config {setting}={value}`. {beyond}."
        for name in topics
    ] == said.splitlines()


@asynccontextmanager
async def being_set(installed: Installed, settings: dict[str, dict[str, str]]) -> AsyncIterator[None]:
    """Set topics otherwise for a while."""
    declared = {name: TOPICS[name.removeprefix(installed.prefix)].settings(1) for name in settings}
    await set_to(installed, settings)
    yield
    await set_to(installed, declared)


async def set_to(installed: Installed, settings: dict[str, dict[str, str]]) -> None:
    """Set topics, and wait until the broker says that they are: it takes a change up a moment after it has acknowledged it."""
    await installed.admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, each) for name, each in settings.items()])

    async def taken_up() -> bool:
        described = await guard._settings(installed.admin, list(settings))
        return all(described[name][setting] == value for name, each in settings.items() for setting, value in each.items())

    async with asyncio.timeout(15):
        while not await taken_up():  # noqa: ASYNC110 - the broker tells nobody
            await asyncio.sleep(0.01)


async def test_topics_as_declared_are_accepted(installed: Installed) -> None:
    await check_topics(installed.bootstrap, TOPICS, prefix=installed.prefix)
    await check_beginnings(installed.log, [place for topic in TOPICS.values() for place in topic.places()])


async def test_settings_that_are_better_than_declared_are_accepted(installed: Installed) -> None:
    better = TOPICS["keys"].settings(1) | {"max.compaction.lag.ms": "3600000", "max.message.bytes": "2097152"}

    async with being_set(installed, {installed.prefix + "keys": better}):
        await check_topics(installed.bootstrap, TOPICS, prefix=installed.prefix)


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS)
async def test_a_topic_that_is_missing_or_of_other_partitions_is_refused(installed: Installed, topic: Topic, topic_prefix: str) -> None:
    name, wrong = topic_prefix + topic.name, topic.partitions + 1

    with pytest.raises(WrongLog) as missing:
        await check_topics(installed.bootstrap, [topic.name], prefix=topic_prefix)
    await installed.admin.create_topics([NewTopic(name, wrong, 1, topic_configs=topic.settings(1))])
    await await_leaders(installed.bootstrap, [TopicPartition(name, number) for number in range(wrong)])
    with pytest.raises(WrongLog) as other:
        await check_topics(installed.bootstrap, [topic.name], prefix=topic_prefix)

    partitions = f"one of {topic.partitions} partitions"
    assert f"{name}: the topic is missing, wanted is {partitions}. Create it by `inkctl topics ensure`." == str(missing.value)
    assert (
        f"{name}: the number of partitions is {wrong}, wanted is {topic.partitions}. "
        "Import a backup into topics as declared by `inkctl log import`: which partition a stream is in follows from their number."
        == str(other.value)
    )


async def test_all_that_is_wrong_is_said_at_once(installed: Installed) -> None:
    wrong = TOPICS["posts"].settings(1) | {"cleanup.policy": "compact", "retention.ms": "1000"}

    async with being_set(installed, {installed.prefix + "posts": wrong}):
        with pytest.raises(WrongLog) as refused:
            await check_topics(installed.bootstrap, ["posts"], prefix=installed.prefix)

    assert ["cleanup.policy", "retention.ms"] == [fault.setting for fault in refused.value.faults]
    assert 2 == len(str(refused.value).splitlines())


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS)
async def test_a_partition_that_begins_late_ends_early_or_holds_another_record_is_refused(installed: Installed, topic: Topic) -> None:
    place = topic.places()[-1]
    for attempt in ("one", "two"):
        await installed.log.append(place, b"key", b"", [("ce_id", attempt.encode())])

    async def told(position: Position) -> str:
        with pytest.raises(WrongLog) as refused:
            await check_positions(installed.log, {place: position}, topic.places())
        return str(refused.value)

    await check_positions(installed.log, {place: Position(place, 2, "two", 2)}, topic.places())
    short = await told(Position(place, 3, "three", 3))
    other = await told(Position(place, 2, "three", 2))
    await lose_the_first(installed.admin, installed.prefix, place)
    late = await told(Position(place, 2, "two", 2))

    cure = "restore the right log, or drop this service's database, which is built anew from the log that is there."
    assert short == (
        f"{place}: the offset after its last record is 2, wanted is at least 3, as far as this service has read. "
        f"The log was truncated or replaced: {cure}"
    )
    assert other == (
        f"{place}: the record at offset 1 is two, wanted is three, which this service has read there. This is another log: {cure}"
    )
    gone = "Part of the log is gone: import a backup into empty topics by `inkctl log import`."
    assert late == f"{place}: the first offset is 1, wanted is 0. {gone}"
