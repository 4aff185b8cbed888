"""The engine inside an app, on the real parts: ready, commands with addresses, keys, and what happens when a part is gone."""

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from eventlog.faults import WrongLog
from eventlog.guard import check_topics
from eventlog.record import Partition
from eventlog.topics import ensure
from servicekit.app import build_app
from servicekit.commanding import call, command_routes, handle
from servicekit.engine import ENGINE, _made, add_engine
from servicekit.identity import issue
from servicekit.operations import operation
from servicekit.replies import reply
from servicekit.requests import Body, Representation, body
from servicekit.settings import Settings
from tests.kit import toy
from tests.kit.engine import put, until
from tests.kit.losing import lose_the_first

pytestmark = pytest.mark.integration

Client = TestClient[web.Request, web.Application]

routes = web.RouteTableDef()


class Shown(Representation):
    marbles: int


@routes.post("/api/toy/jars/{jar}")
@operation(returns={200: Shown}, idempotent=True, versioned=True)
async def add(request: web.Request) -> web.Response:
    """Add a marble."""
    jar = request.match_info["jar"]
    made = call(request, topic=toy.TOPIC, key="k")
    outcome = await handle(request, f"jar:{jar}", toy.AddMarble(jar), toy.decide, made)
    return reply(Shown(marbles=outcome.state.marbles), version=outcome.version, token=outcome.token)


class Reason(Body):
    why: str | None = None


@routes.post("/api/toy/jars/{jar}/because")
@operation(body=Reason, returns={200: Shown}, idempotent=True)
async def add_because(request: web.Request) -> web.Response:
    """Add a marble, for a reason."""
    jar = request.match_info["jar"]
    made = call(request, topic=toy.TOPIC, key="k", payload=await body(request, Reason))
    outcome = await handle(request, f"jar:{jar}", toy.AddMarble(jar), toy.decide, made)
    return reply(Shown(marbles=outcome.state.marbles), version=outcome.version, token=outcome.token)


@pytest.fixture
async def app(kafka: str, mongo: str, topic_prefix: str, database_prefix: str, monkeypatch: pytest.MonkeyPatch) -> web.Application:
    await ensure(kafka, prefix=topic_prefix)
    settings = Settings.model_validate(
        {
            "kafka": kafka,
            "mongo": mongo,
            "port": 0,
            "public_url": "http://localhost",
            "kek": secrets.token_urlsafe(32),
            "lookup_key": secrets.token_urlsafe(32),
            "topic_prefix": topic_prefix,
            "database_prefix": database_prefix,
        }
    )
    app = build_app(settings, name="toy", prefix="toy", routes=[*routes, *command_routes("toy")])
    monkeypatch.setattr("servicekit.engine.Facts", lambda _: toy.PlainFacts())
    add_engine(app, settings, service="toy", projection=toy.PROJECTION, aggregates=(toy.JARS, toy.NAMES), own_keys="keys")
    return app


@pytest.fixture
async def client(app: web.Application) -> AsyncIterator[Client]:
    async with TestClient(TestServer(app)) as client:
        engine = app[ENGINE]
        await engine.signing.ensure()
        kid, key = engine.signing.signing_key()
        token = issue(key, kid, user_id=uuid4(), session_id=uuid4(), role="writer", now=datetime.now(UTC))
        client.session.headers["Authorization"] = f"Bearer {token}"
        while (await client.get("/readyz")).status != 200:  # before, it can not tell who asks
            pass
        yield client


async def test_a_command_is_answered_with_version_and_token(client: Client) -> None:
    response = await client.post("/api/toy/jars/a")

    assert (200, {"marbles": 1}, '"1"') == (response.status, await response.json(), response.headers["ETag"])
    assert response.headers["Consistency-Token"].startswith("posts/")


async def test_how_long_a_verdict_took_is_counted_by_what_it_was(client: Client) -> None:
    for _ in range(2):
        await client.post("/api/toy/jars/a/because", json={}, headers={"Idempotency-Key": "mine"})
    await client.post("/api/toy/jars/a/because", json={"why": "x"}, headers={"Idempotency-Key": "mine"})

    metrics = await (await client.get("/metrics")).text()

    assert 'inkstream_command_seconds_count{outcome="accepted"} 2.0\n' in metrics
    assert 'inkstream_command_seconds_count{outcome="refused"} 1.0\n' in metrics


async def test_how_far_the_views_are_behind_is_looked_at_all_the_time(client: Client) -> None:
    metrics = ""

    while "inkstream_log_end" not in metrics:
        metrics = await (await client.get("/metrics")).text()

    assert 'inkstream_log_end{partition="0",topic="posts"} ' in metrics
    assert "inkstream_views_stale_seconds 0.0\n" in metrics


async def test_a_repeat_is_the_same_command(client: Client) -> None:
    for _ in range(2):
        response = await client.post("/api/toy/jars/a", headers={"Idempotency-Key": "mine"})
        assert (200, {"marbles": 1}) == (response.status, await response.json())


async def test_the_same_key_with_another_payload_is_refused_even_if_it_says_no_more(client: Client) -> None:
    first = await client.post("/api/toy/jars/a/because", json={}, headers={"Idempotency-Key": "mine"})
    other = await client.post("/api/toy/jars/a/because", json={"why": None}, headers={"Idempotency-Key": "mine"})
    again = await client.post("/api/toy/jars/a/because", json={}, headers={"Idempotency-Key": "mine"})

    assert [200, 422, 200] == [first.status, other.status, again.status]
    assert "/problems/key-reused" == (await other.json())["type"]


async def test_it_becomes_ready(client: Client) -> None:
    while True:
        response = await client.get("/readyz")
        if response.status == 200:
            break

    assert {"views": "ok", "mongodb": "ok", "identity": "ok"} == (await response.json())["checks"]


async def test_what_is_parked_is_told_and_keeps_nobody_from_sending_requests(client: Client) -> None:
    engine = client.app[ENGINE]
    await put(engine.log, toy.MarbleAdded(jar="bad", poison=True), {"jar:bad": 0})
    await until(lambda: bool(engine.projector.waiting))

    ready = await client.get("/readyz")
    metrics = await (await client.get("/metrics")).text()

    assert 200 == ready.status
    assert {"parked": "1 records of 1 partitions wait: see `inkctl parked list`"} == (await ready.json())["notes"]
    assert "inkstream_parked_records 1.0\n" in metrics
    assert "inkstream_parked_partitions 1.0\n" in metrics


async def test_a_strangers_address_names_nothing(client: Client) -> None:
    mac = "0" * 32
    for address in (
        "x",
        f"posts.k.{uuid4()}.{mac}",
        "posts.k..",
        f"keys.k.{uuid4()}.{mac}",
        "%00",
        "%ff.%ff.%ff.%ff",
        "posts.%0a.x.%C3%BC",
    ):
        assert (await client.get(f"/api/toy/commands/{address}")).status == 404
        assert (await client.delete(f"/api/toy/commands/{address}")).status == 404


async def test_a_key_is_kept_and_opened(client: Client) -> None:
    keys = client.app[ENGINE].keys
    kid = await keys.make("user:1", uuid4())

    await keys.catch_up()

    assert len(keys.key_of(kid)) == 32


@pytest.mark.parametrize("topic", ["keys", "jwks"])
async def test_a_service_does_not_start_where_keys_are_gone(app: web.Application, kafka: str, topic_prefix: str, topic: str) -> None:
    log, admin = app[ENGINE].log, AIOKafkaAdminClient(bootstrap_servers=kafka)
    await log.start()
    await log.append(Partition(topic, 0), b"a key", None, [])
    await log.stop()
    await admin.start()
    await lose_the_first(admin, topic_prefix, Partition(topic, 0))
    await admin.close()

    with pytest.raises(WrongLog, match=f"{topic}/0: the first offset is 1, wanted is 0"):
        await TestServer(app).start_server()


async def test_a_service_waits_for_topics_that_are_still_being_made(kafka: str, topic_prefix: str) -> None:
    checks: list[int] = []

    async def check() -> None:
        checks.append(1)
        if len(checks) == 2:
            await ensure(kafka, prefix=f"later-{topic_prefix}")
        await check_topics(kafka, ["posts"], prefix=f"later-{topic_prefix}")

    await _made(check, patience=60)

    assert 2 == len(checks)


async def test_a_service_does_not_wait_for_topics_that_are_wrong(kafka: str, topic_prefix: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.create_topics([NewTopic(f"{topic_prefix}posts", 3, 1)])
    await admin.close()

    with pytest.raises(WrongLog, match="the number of partitions is 3"):
        await _made(partial(check_topics, kafka, ["posts", "keys"], prefix=topic_prefix), patience=60)
