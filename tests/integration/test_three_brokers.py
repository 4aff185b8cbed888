"""Three brokers, and the leader of a partition is killed while commands go on: the other two have all that was acknowledged."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from eventlog.guard import check_topics
from eventlog.log import KafkaLog
from eventlog.topics import TOPICS, ensure
from tests.kit.cluster import BROKERS, Cluster, cluster
from tests.kit.engine import Replica, contents, replica
from tests.kit.persisting import until_written, write
from tests.kit.toy import TOPIC, call

pytestmark = pytest.mark.integration

JARS = "abcd"
SOON = 30.0  # seconds; it is about five where nothing else runs, of which four are the session of the broker that is gone


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path) as running:
        yield running


@asynccontextmanager
async def asking(three: Cluster) -> AsyncIterator[AIOKafkaAdminClient]:
    """Ask the brokers that run: a client that knew one which is gone may go on asking that one."""
    admin = AIOKafkaAdminClient(bootstrap_servers=three.bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def partitions(three: Cluster, topic: str) -> dict[int, dict[str, Any]]:
    async with asking(three) as admin:
        (described,) = await admin.describe_topics([topic])
    return {each["partition"]: each for each in described["partitions"]}


@pytest.fixture
async def log(three: Cluster, topic_prefix: str) -> AsyncIterator[KafkaLog]:
    async with asking(three) as admin:
        while len((await admin.describe_cluster())["brokers"]) < BROKERS:  # noqa: ASYNC110 - they tell nobody
            await asyncio.sleep(0.05)
    await ensure(three.bootstrap, prefix=topic_prefix)
    log = KafkaLog(three.bootstrap, prefix=topic_prefix)
    await log.start()

    yield log

    await log.stop()


@pytest.fixture
async def both(log: KafkaLog, mongo: str, database_prefix: str) -> AsyncIterator[tuple[Replica, Replica]]:
    database = database_prefix + "toy"
    async with replica(log, mongo, database) as one, replica(log, mongo, database) as other:
        yield one, other


async def test_what_was_answered_is_there_once_when_a_leader_is_killed(
    three: Cluster,
    both: tuple[Replica, Replica],
    mongo: str,
    topic_prefix: str,
    database_prefix: str,
    record_property: Any,
) -> None:
    await check_topics(three.bootstrap, TOPICS, prefix=topic_prefix)  # three replicas, two of which have to acknowledge
    place = call(key="a").place
    first, second = [jar for jar in map(str, range(1000)) if call(key=jar).place == place][:2]
    one, other = both
    before = await partitions(three, topic_prefix + TOPIC)
    leader = before[place.number]["leader"]
    stopping, answered = asyncio.Event(), list[str]()
    writers = [asyncio.create_task(write(which, jar, stopping, answered)) for jar in JARS for which in both]
    await asyncio.gather(until_written(one, first), until_written(other, second))

    three.kill(leader)
    took = max(await asyncio.gather(until_written(one, first), until_written(other, second)))
    record_property("seconds until written again", round(took, 2))
    print(f"written again {took:.2f} s after the leader was killed")  # noqa: T201 - a figure
    assert took < SOON
    stopping.set()
    await asyncio.gather(*writers)

    after = await partitions(three, topic_prefix + TOPIC)
    assert BROKERS == len(before[place.number]["replicas"])
    assert leader not in {each["leader"] for each in after.values()}
    await asyncio.gather(*(each.caught_up(60) for each in both))
    expected = Counter(answered) + Counter([first, second] * 2)
    states = await one.states(*(f"jar:{jar}" for jar in expected))
    assert expected == {jar: states[f"jar:{jar}"]["marbles"] for jar in expected}
    assert [False, False] == [each.failed.done() for each in both]
    async with replica(one.log, mongo, database_prefix + "afresh") as afresh:
        await afresh.caught_up(60)
    assert await contents(mongo, database_prefix + "toy") == await contents(mongo, database_prefix + "afresh")
