"""A door before services that do as a test tells them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from inkctl.door.app import open_door
from inkctl.door.server import Server
from inkctl.names import SERVICES

LEASE_SECONDS = 20.0  # no service falls silent by chance, however busy the machine is
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Stand:
    """A service that says its name, unless told otherwise; it knows what it was asked."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.asked: list[web.BaseRequest] = []
        self.bodies: list[bytes] = []
        self.received = 0  # requests that reached it, answered or not
        self.answer: Handler = self.say_name
        self.alive = asyncio.Event()  # while it is not set, not even /livez is answered
        self.alive.set()
        self.shown_alive = asyncio.Event()
        self.ready = True
        self.port = 0
        self._runner: web.ServerRunner | None = None

    async def say_name(self, _request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text=self.name)

    async def start(self) -> None:
        self._runner = web.ServerRunner(web.Server(self._handle, handler_cancellation=True, auto_decompress=False), shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()
        self._runner = None

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.received += request.path != "/livez"
        await self.alive.wait()
        if request.path == "/livez":
            self.shown_alive.set()
            return web.Response()
        if request.path == "/readyz":
            return web.Response(status=200 if self.ready else 503)
        self.asked.append(request)
        self.bodies.append(await request.read() if self.answer == self.say_name else b"")
        return await self.answer(request)


class Front:
    """The door's address, and what stands behind it."""

    def __init__(self, session: ClientSession, address: str, stands: dict[str, list[Stand]]) -> None:
        self.session = session
        self.address = address
        self.stands = stands

    def __getitem__(self, service: str) -> Stand:
        return self.stands[service][0]


Open = Callable[..., Awaitable[Front]]


@pytest.fixture
async def open_front(tmp_path: Path) -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:

        async def open_it(lease_seconds: float = LEASE_SECONDS, ask_seconds: float = 0.05, **replicas: int) -> Front:
            stands = {name: [Stand(f"{name}.{number}") for number in range(1, replicas.get(name, 1) + 1)] for name in SERVICES}
            for stand in (stand for several in stands.values() for stand in several):
                await stand.start()
                stack.push_async_callback(stand.stop)
            addresses = {name: [f"127.0.0.1:{stand.port}" for stand in several] for name, several in stands.items()}
            door = await stack.enter_async_context(open_door(addresses, tmp_path, lease_seconds, ask_seconds))
            runner = web.ServerRunner(Server(door), shutdown_timeout=0.1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            address = f"http://127.0.0.1:{runner.addresses[0][1]}"
            session = await stack.enter_async_context(ClientSession(auto_decompress=False))
            return Front(session, address, stands)

        yield open_it


@pytest.fixture
async def front(open_front: Open) -> Front:
    return await open_front()
