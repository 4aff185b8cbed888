"""What each topic must be, and making those that are missing. Topics are declared here and nowhere else; none is ever created by chance."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from eventlog.connecting import Way, options
from eventlog.record import Partition

DAY = 24 * 60 * 60 * 1000
MAX_MESSAGE_BYTES = 1 << 20
REPLICATION = 3  # replicas of each partition, where there are so many brokers


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic by its short name. A fact topic keeps everything for ever; a compacted one keeps the latest record of each key.

    `owner` is the only service that writes it, `key` what its records are partitioned by, `streams` the names of streams that stand in it.
    """

    name: str
    owner: str
    partitions: int
    key: str
    streams: tuple[str, ...] = ()
    compacted: bool = False

    def places(self) -> list[Partition]:
        """Its partitions."""
        return [Partition(self.name, number) for number in range(self.partitions)]

    def settings(self, replicas: int) -> dict[str, str]:
        """The settings of the broker that the log relies on, where each partition has so many replicas."""
        always = {
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
            "message.timestamp.type": "LogAppendTime",
            "min.insync.replicas": "2" if replicas >= REPLICATION else "1",  # one of three may fail
            "retention.ms": "-1",
            "retention.bytes": "-1",
            "unclean.leader.election.enable": "false",
        }
        if self.compacted:
            return {**always, "cleanup.policy": "compact", "max.compaction.lag.ms": str(DAY)}
        return {**always, "cleanup.policy": "delete"}


TOPICS: Mapping[str, Topic] = MappingProxyType(
    {
        topic.name: topic
        for topic in (
            # Uniqueness needs one order.
            Topic("accounts", "auth", 1, "one constant", ("user:<id>", "handle:<hash>", "email:<hash>", "site:admin")),
            Topic("sessions", "auth", 12, "session id", ("session:<id>",)),
            Topic("follows", "auth", 12, "follower's id", ("follow:<follower>/<followee>",)),
            Topic("posts", "posts", 12, "author's id", ("post:<id>", "slug:<author>/<hash>")),
            Topic("comments", "comments", 12, "post's id", ("comment:<id>", "thread:<post>")),
            Topic("keys", "auth", 1, "key's id", compacted=True),
            Topic("post-keys", "posts", 1, "key's id", compacted=True),
            Topic("jwks", "auth", 1, "key's id", compacted=True),
        )
    }
)


async def ensure(way: Way, *, prefix: str = "inkstream.", replication: int | None = None) -> None:
    """Create the topics that do not exist yet. Those that exist are left as they are: the boot guard judges them.

    `replication` None: three replicas where there are three brokers, else one.
    Raises an aiokafka error where the broker refuses or does not answer.
    """
    admin = AIOKafkaAdminClient(**options(way))
    await admin.start()
    try:
        existing = set(await admin.list_topics())
        missing = [topic for topic in TOPICS.values() if prefix + topic.name not in existing]
        if not missing:
            return
        if replication is None:
            replication = REPLICATION if len((await admin.describe_cluster())["brokers"]) >= REPLICATION else 1
        wanted = [
            NewTopic(prefix + topic.name, topic.partitions, replication, topic_configs=topic.settings(replication)) for topic in missing
        ]
        answer = await admin.create_topics(wanted)
        for name, code, *_ in cast("Any", answer).topic_errors:  # the broker's refusals are returned, not raised
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise error(f"the broker did not create {name}")
    finally:
        await admin.close()
    places = [place for topic in missing for place in topic.places()]
    await await_leaders(way, [TopicPartition(prefix + place.topic, place.number) for place in places])


async def await_leaders(way: Way, partitions: list[TopicPartition]) -> None:
    """Wait until every new partition has a leader that answers for it: a moment after their creation."""
    consumer = AIOKafkaConsumer(**options(way), group_id=None, enable_auto_commit=False)
    await consumer.start()
    try:
        await consumer.end_offsets(partitions)
    finally:
        await consumer.stop()
