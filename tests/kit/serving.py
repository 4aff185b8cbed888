"""A service on a free port of loopback, as `servicekit.process` runs it, and a client for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp import web

from servicekit.process import Runner


@dataclass(frozen=True)
class Served:
    """Where the service listens, and a client that resolves paths against it."""

    client: aiohttp.ClientSession
    host: str
    port: int


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[Served]:
    runner = Runner(app, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        async with aiohttp.ClientSession(f"http://{host}:{port}", cookie_jar=aiohttp.DummyCookieJar()) as client:
            yield Served(client, host, port)
    finally:
        await runner.cleanup()
