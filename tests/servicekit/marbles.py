"""The toy service over HTTP, and as an operator sees it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from eventlog.log import KafkaLog
from inkctl.operating import Operated
from servicekit import mongo as mongos
from servicekit.app import build_app
from servicekit.commanding import call, handle
from servicekit.consistency import observe
from servicekit.engine import ENGINE, add_engine
from servicekit.identity import issue
from servicekit.operations import Auth, operation
from servicekit.replies import reply
from servicekit.requests import Representation
from servicekit.settings import Settings
from tests.kit import toy

Client = TestClient[web.Request, web.Application]

routes = web.RouteTableDef()


class Shown(Representation):
    marbles: int
    times: int
    collections: tuple[str, ...]


@routes.post("/api/toy/jars/{jar}")
@operation(returns={200: Shown})
async def add(request: web.Request) -> web.Response:
    """Add a marble."""
    jar = request.match_info["jar"]
    outcome = await handle(request, f"jar:{jar}", toy.AddMarble(jar), toy.decide, call(request, topic=toy.TOPIC, key=jar))
    return reply(Shown(marbles=outcome.state.marbles, times=0, collections=()), token=outcome.token)


@routes.get("/api/toy/jars/{jar}")
@operation(returns={200: Shown}, auth=Auth.NONE)
async def show(request: web.Request) -> web.Response:
    """Read two views, one a while after the other."""
    jar, views = request.match_info["jar"], request.app[ENGINE].serving
    await observe(request)
    first = views.collection(toy.TOTALS)
    total = await first.find_one({"_id": jar}) or {"times": 0}
    await asyncio.sleep(0.02)
    decides = (await views.read("jars", [f"jar:{jar}"])).get(f"jar:{jar}", {"marbles": 0})
    return reply(Shown(marbles=decides["marbles"], times=total["times"], collections=(first.name, views.collection(toy.TOTALS).name)))


class Toy(Operated):
    """The toy service, as an operator sees it."""

    @asynccontextmanager
    async def facts(self) -> AsyncIterator[Any]:
        """See `Operated.facts`."""
        yield toy.PlainFacts()


@asynccontextmanager
async def operated(settings: Settings) -> AsyncIterator[Toy]:
    log, client = KafkaLog(settings.connection(), prefix=settings.topic_prefix), mongos.connect(settings)
    await log.start()
    try:
        yield Toy("toy_service", settings, toy.PROJECTION, log, client)
    finally:
        await client.close()
        await log.stop()


@asynccontextmanager
async def running(seen: Toy, name: str) -> AsyncIterator[Client]:
    """One replica of the service, ready."""
    app = build_app(seen.settings, name="toy", prefix="toy", routes=routes)
    settings = seen.settings.model_copy(update={"replica": name})
    add_engine(app, settings, service="toy", projection=toy.PROJECTION, aggregates=(toy.JARS, toy.NAMES), own_keys="keys")
    async with TestClient(TestServer(app)) as client:
        engine = app[ENGINE]
        await engine.signing.ensure()
        kid, key = engine.signing.signing_key()
        token = issue(key, kid, user_id=uuid4(), session_id=uuid4(), role="writer", now=datetime.now(UTC))
        client.session.headers["Authorization"] = f"Bearer {token}"
        while (await client.get("/readyz")).status != 200:
            pass
        yield client
