"""Records that no handler wrote: void for every reader, they change nothing and stop nobody."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventlog.log import KafkaLog
from eventlog.partitioner import partition_of
from eventlog.progress import Token
from eventlog.referee import LARGEST
from tests.kit import toy
from tests.kit.engine import Replica, put, replica
from tests.kit.toy import AddMarble, MarbleAdded, call, decide

pytestmark = pytest.mark.integration

HERE = partition_of(b"k", 12)
Headers = list[tuple[str, bytes]]


@pytest.fixture
async def producer(kafka: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, max_request_size=64 << 20, compression_type="zstd")
    await producer.start()

    yield producer

    await producer.stop()


def headers(**changed: bytes | None) -> Headers:
    """The headers of a record that would be accepted, but for what is changed; None takes one away."""
    whole: dict[str, bytes | None] = {
        "ce_id": str(uuid4()).encode(),
        "ce_type": toy.MarbleAdded.TYPE.encode(),
        "ce_expects": b'{"jar:a": 1}',
        "ce_reads": b"{}",
    }
    return [(name, value) for name, value in (whole | changed).items() if value is not None]


VOID: dict[str, tuple[Headers, bytes | None, str]] = {
    "no attempt": (headers(ce_id=None), b"k", "malformed"),
    "no expectations": (headers(ce_expects=None), b"k", "malformed"),
    "expectations that are no object": (headers(ce_expects=b"[1]"), b"k", "malformed"),
    "a version that is true": (headers(ce_expects=b'{"jar:a": true}'), b"k", "malformed"),
    "a name that stands twice": (headers(ce_expects=b'{"jar:a": 1, "jar:a": 1}'), b"k", "malformed"),
    "a header that stands twice": ([*headers(), ("ce_id", b"x")], b"k", "malformed"),
    "a key of another partition": (headers(), b"another", "malformed"),
    "no key": (headers(), None, "malformed"),
    "too large headers": ([*headers(), ("x", b"x" * LARGEST)], b"k", "malformed"),
    "a bomb of names": (headers(ce_id=b"x" * (20 << 20)), b"k", "malformed"),
    "an older version": (headers(ce_expects=b'{"jar:a": 0}'), b"k", "conflicting"),
    "a later version": (headers(ce_expects=b'{"jar:a": 7}'), b"k", "conflicting"),
    "a stream relied on that moved": (headers(ce_reads=b'{"jar:a": 0}'), b"k", "conflicting"),
}


@pytest.mark.parametrize("kind", VOID)
async def test_a_void_record_changes_nothing(
    one: Replica, other: Replica, producer: AIOKafkaProducer, topic_prefix: str, kind: str
) -> None:
    sent, key, verdict = VOID[kind]
    await one.handler.handle("jar:a", AddMarble("a"), decide, call())

    await producer.send_and_wait(topic_prefix + toy.TOPIC, b'{"jar": "a"}', key=key, partition=HERE, headers=sent)
    await asyncio.gather(one.caught_up(), other.caught_up())

    void = await one.ledger.database.voids.find_one({"offset": 1})
    assert void is not None
    assert verdict == void["verdict"]
    outcome = await other.handler.handle("jar:a", AddMarble("a"), decide, call())
    assert (toy.Jar(2), 2) == (outcome.state, outcome.version)
    assert 0 == await one.ledger.database.parked.count_documents({})


@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "one by one"])
@pytest.mark.parametrize(
    ("versions", "void"),
    [
        ((0, 0, 1), {1: "repeated", 2: "repeated"}),  # the third would be accepted as another attempt
        ((1, 0), {0: "conflicting", 1: "repeated"}),  # an attempt that conflicted stays void
    ],
)
async def test_of_one_attempt_the_first_record_counts(
    log: KafkaLog, mongo: str, database_prefix: str, versions: tuple[int, ...], void: dict[int, str], *, at_once: bool
) -> None:
    attempt = uuid4()
    async with AsyncExitStack() as stack:
        if not at_once:
            one = await stack.enter_async_context(replica(log, mongo, database_prefix + "toy"))
        for version in versions:
            await put(log, MarbleAdded(jar="a"), {"jar:a": version}, attempt=attempt)
            if not at_once:
                await one.caught_up()
        if at_once:
            one = await stack.enter_async_context(replica(log, mongo, database_prefix + "toy"))
        await one.caught_up()

        assert void == {doc["offset"]: doc["verdict"] async for doc in one.ledger.database.voids.find({})}
        assert [f"{call().place}/{attempt}"] == [doc["_id"] async for doc in one.ledger.database.attempts.find({})]
        assert (0 not in void) == bool(await one.states("jar:a"))
        assert 0 == one.projector.counts.discarded


async def test_the_markers_of_a_transaction_stop_nobody(one: Replica, kafka: str, topic_prefix: str) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka, transactional_id=topic_prefix) as producer, producer.transaction():
        await producer.send(topic_prefix + toy.TOPIC, b"{}", key=b"k", partition=HERE, headers=headers(ce_expects=b'{"jar:a": 5}'))

    assert await one.projector.progress.reached(Token({call().place: 2}), 20)
    outcome = await one.handler.handle("jar:a", AddMarble("a"), decide, call(name="mine"))

    assert 1 == outcome.version


NAMES = st.sampled_from(["ce_id", "ce_expects", "ce_reads", "ce_type", "ce_request", "x", "", "\0"]) | st.text(max_size=5)
VERSIONS = st.dictionaries(
    st.sampled_from(["jar:a", "jar:b", "name:x", "", "other", "jar:\0"]) | st.text(max_size=3), st.integers(0, 1), max_size=2
).map(lambda named: json.dumps(named).encode())
VALUES = st.binary(max_size=20) | VERSIONS | st.sampled_from([b"{}", b'{"jar:a":0}', b"1", toy.MarbleAdded.TYPE.encode()])
BODIES = st.binary(max_size=20) | st.sampled_from([b'{"jar":"a"}', b'{"jar":"a","marbles":null}', b'{"jar":[]}', b"[]", b"9" * 5000])
ANYTHING = st.lists(st.tuples(NAMES, VALUES), max_size=4)
ACCEPTABLE = st.tuples(VERSIONS, st.uuids() | st.text(max_size=3)).map(
    lambda drawn: headers(ce_expects=drawn[0], ce_id=str(drawn[1]).encode())
)
RECORDS = st.tuples(
    st.just(b"k") | st.none() | st.binary(max_size=4),
    st.none() | BODIES,
    ANYTHING | ACCEPTABLE | st.tuples(ACCEPTABLE, ANYTHING).map(lambda both: [*both[0], *both[1]]),
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(records=st.lists(RECORDS, min_size=1, max_size=30))
async def test_no_record_whatever_stops_the_projector(
    one: Replica, producer: AIOKafkaProducer, topic_prefix: str, records: list[tuple[bytes | None, bytes | None, Headers]]
) -> None:
    for key, sent, named in records:
        value = b"" if key is None and sent is None else sent  # the client refuses to send neither
        await producer.send(topic_prefix + toy.TOPIC, value, key=key, partition=HERE, headers=named)
    await producer.flush()
    await one.caught_up()

    marker = f"jar:{uuid4()}"
    outcome = await one.handler.handle(marker, AddMarble(marker.removeprefix("jar:")), decide, call())

    assert 1 == outcome.version
    assert not one.failed.done()
    assert 0 == one.projector.counts.discarded
