"""The log is wiped or cut under kept views: services refuse to go on, and say what to do."""

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from eventlog.faults import WrongLog
from eventlog.log import KafkaLog, LogTruncated, places_of
from eventlog.topics import TOPICS, ensure
from inkctl.ports import free_port
from tests.kit.engine import Replica, put, replica
from tests.kit.installation import Installation, installation
from tests.kit.services import SERVICES, service
from tests.kit.serving import serving
from tests.kit.toy import MarbleAdded, call

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
CURE = "restore the right log, or drop this service's database, which is built anew from the log that is there"
SHORT = rf"accounts/0: the offset after its last record is 0, wanted is at least 1, .*truncated or replaced: {CURE}"


async def wipe(kafka: str, prefix: str) -> None:
    """Delete all topics and make them again, as one does who starts a Kafka with an empty disk."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        await admin.delete_topics([prefix + name for name in TOPICS])
        while any(name.startswith(prefix) for name in await admin.list_topics()):  # noqa: ASYNC110 - the broker tells nobody
            await asyncio.sleep(0.02)
    finally:
        await admin.close()
    await ensure(kafka, prefix=prefix)


async def test_no_service_starts_on_a_log_that_was_wiped_nor_writes_to_it(kafka: str, mongo: str) -> None:
    async with installation(kafka, mongo) as site:
        await site.somebody()
        for name in SERVICES:
            async with site.running(service(name, site)):
                pass  # it is ready once it has read all that there is

        await wipe(kafka, site.topic_prefix)

        for name in SERVICES:
            with pytest.raises(WrongLog, match=SHORT):
                async with serving(service(name, site)):
                    pass
        ended = await asyncio.to_thread(run_posts_service, site)
        said = json.loads(ended.stdout.splitlines()[-1])
        assert (1, "CRITICAL") == (ended.returncode, said["level"])
        assert re.match(f"posts_service can not start: {SHORT}", said["message"])
        assert "exception" not in said  # it says what to do; where in the code it was found helps nobody
        assert {0} == set((await site.log.ends(places_of(TOPICS))).values())


def run_posts_service(site: Installation) -> "subprocess.CompletedProcess[str]":
    told = {f"INKSTREAM_{name.upper()}": str(value) for name, value in {**site.settings, "port": free_port()}.items()}
    command = [sys.executable, "-m", "posts_service"]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **told}, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own command


async def test_a_running_replica_ends_when_its_log_was_wiped(one: Replica, log: KafkaLog, kafka: str, topic_prefix: str) -> None:
    for version in range(3):
        await put(log, MarbleAdded(jar="a"), {"jar:a": version})
    await one.caught_up()

    await wipe(kafka, topic_prefix)

    with pytest.raises(LogTruncated, match="truncated or replaced; starting anew tells what is wrong with it, and what to do"):
        async with asyncio.timeout(30):
            await one.failed


async def test_a_running_replica_ends_when_what_it_has_to_read_is_gone(
    log: KafkaLog, kafka: str, mongo: str, topic_prefix: str, database_prefix: str
) -> None:
    for version in range(3):
        await put(log, MarbleAdded(jar="a"), {"jar:a": version})
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.delete_records({TopicPartition(topic_prefix + call().place.topic, call().place.number): RecordsToDelete(before_offset=2)})
    await admin.close()

    async with replica(log, mongo, database_prefix + "toy") as one:
        with pytest.raises(LogTruncated, match="truncated or replaced; starting anew tells"):
            async with asyncio.timeout(30):
                await one.failed
        assert 0 == one.projector.counts.accepted
