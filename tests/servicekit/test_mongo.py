"""What a client is told when the database does not answer, or refuses."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from pymongo.errors import DuplicateKeyError, ExecutionTimeout, NetworkTimeout, OperationFailure, PyMongoError, ServerSelectionTimeoutError

from servicekit import mongo as database
from servicekit.app import build_app
from tests.kit.serving import serving
from tests.servicekit.test_problems import problem
from tests.servicekit.toy import settings


def failing(error: PyMongoError) -> web.Application:
    async def read(request: web.Request) -> web.Response:
        raise error

    return build_app(settings(), name="toy", prefix="toy", routes=[web.get("/read", read)])


@pytest.mark.parametrize("error", [NetworkTimeout("host:1"), ServerSelectionTimeoutError("host:1"), ExecutionTimeout("too slow", 50)])
async def test_a_database_that_does_not_answer_is_unavailable(error: PyMongoError) -> None:
    async with serving(failing(error)) as served, served.client.get("/read") as response:
        found = await problem(response, 503, "unavailable")

    assert ("1", "behind") == (response.headers["Retry-After"], response.headers["Consistency"])
    assert "host" not in found["detail"]


@pytest.mark.parametrize("error", [OperationFailure("unknown operator: $nonsense", 2), DuplicateKeyError("E11000 secret", 11000)])
async def test_what_the_database_refuses_is_a_fault_of_ours(error: PyMongoError) -> None:
    async with serving(failing(error)) as served, served.client.get("/read") as response:
        await problem(response, 500, "internal")


@asynccontextmanager
async def passage(address: str) -> AsyncIterator[tuple[int, asyncio.Event]]:
    """Lead to a server through a port of our own; while the event is cleared nothing passes, as if the server were paused."""
    host, port = urlsplit(address).hostname, urlsplit(address).port
    flowing = asyncio.Event()
    flowing.set()
    tasks: set[asyncio.Task[None]] = set()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                await flowing.wait()
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward_reader, onward_writer = await asyncio.open_connection(host, port)
        tasks.update({asyncio.create_task(pump(reader, onward_writer)), asyncio.create_task(pump(onward_reader, writer))})

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], flowing
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.integration
async def test_a_paused_database_costs_a_reader_three_seconds_and_no_more(mongo: str, database_prefix: str) -> None:
    async with passage(mongo) as (port, flowing):
        chosen = settings(INKSTREAM_MONGO=f"mongodb://127.0.0.1:{port}/?directConnection=true")
        client = database.connect(chosen)

        async def read(request: web.Request) -> web.Response:
            return web.Response(text=str(await client[f"{database_prefix}toy"].things.find_one()))

        app = build_app(chosen, name="toy", prefix="toy", routes=[web.get("/read", read)])
        async with serving(app) as served:
            before = await status_of(lambda: served.client.get("/read"))
            flowing.clear()
            began = time.monotonic()
            paused = await status_of(lambda: served.client.get("/read"))
            took = time.monotonic() - began
            flowing.set()
            while (after := await status_of(lambda: served.client.get("/read"))) == 503:
                pass
        await client.close()

    assert (200, 503, 200) == (before, paused, after)
    assert took < 5


async def status_of(ask: Callable[[], object]) -> int:
    async with ask() as response:  # type: ignore[attr-defined] # aiohttp's request context
        return int(response.status)
