"""auth_service on Kafka and MongoDB, any number of replicas, and what its clients do."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
from aiohttp import web

from auth_service.app import create_app
from auth_service.passwords import PASSWORDS, Passwords
from auth_service.settings import Settings
from servicekit.app import CLOCK
from servicekit.engine import ENGINE
from tests.kit.serving import Served, serving

KEYS = {
    name: base64.urlsafe_b64encode(bytes([number]) * 32).decode() for number, name in enumerate(("kek", "credentials_kek", "lookup_key"))
}
PASSWORD = "a long enough sentence"  # noqa: S105 - it is nobody's


@dataclass(frozen=True)
class Place:
    """An installation: where its log and its databases are."""

    kafka: str
    mongo: str
    topic_prefix: str
    database_prefix: str

    def settings(self, **more: Any) -> Settings:
        return Settings.model_validate({**vars(self), "port": 0, "public_url": "http://blog.example", **KEYS, **more})


@dataclass
class Clock:
    """A clock that a test can put forward."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Reply:
    """What was answered, read to its end."""

    status: int
    shown: Any
    headers: Any
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def cookie(self) -> dict[str, str]:
        """The header that sends the refresh cookie back."""
        return {"Cookie": f"inkstream_refresh={self.cookies['inkstream_refresh']}"}

    @property
    def bearer(self) -> dict[str, str]:
        """The header that sends the access token."""
        return {"Authorization": f"Bearer {self.shown['access_token']}"}

    @property
    def code(self) -> str:
        """The kind of problem."""
        return str(self.shown["type"]).removeprefix("/problems/")


@dataclass
class Replica:
    """One replica, and a client for it that keeps no cookies."""

    app: web.Application
    served: Served
    clock: Clock

    async def ask(self, method: str, path: str, json: Any = None, headers: dict[str, str] | None = None) -> Reply:
        async with self.served.client.request(method, path, json=json, headers=headers) as response:
            shown = await response.json(content_type=None) if response.content_length else None
            cookies = {name: morsel.value for name, morsel in response.cookies.items()}
            return Reply(response.status, shown, response.headers.copy(), cookies)

    async def register(self, handle: str, headers: dict[str, str] | None = None, **more: Any) -> Reply:
        asked = {"handle": handle, "email": f"{handle}@example.org", "password": PASSWORD, **more}
        return await self.ask("POST", "/api/auth/register", asked, headers)

    async def login(self, login: str, password: str = PASSWORD, headers: dict[str, str] | None = None) -> Reply:
        return await self.ask("POST", "/api/auth/login", {"login": login, "password": password}, headers)

    async def refresh(self, headers: dict[str, str] | None = None) -> Reply:
        return await self.ask("POST", "/api/auth/refresh", headers=headers)

    async def logout(self, headers: dict[str, str] | None = None) -> Reply:
        return await self.ask("POST", "/api/auth/logout", headers=headers)

    async def caught_up(self) -> None:
        progress = self.app[ENGINE].projector.progress
        assert await progress.reached(await self.app[ENGINE].log.ends(progress.followed()), 10)

    async def me(self, headers: dict[str, str]) -> Reply:
        return await self.ask("GET", "/api/auth/me", headers=headers)


@asynccontextmanager
async def replica(place: Place, **settings: Any) -> AsyncIterator[Replica]:
    """Run a replica; its passwords are hashed at a lower cost."""
    app = create_app(place.settings(**settings))
    app[PASSWORDS] = Passwords(cost=4)
    clock = Clock()
    app[CLOCK] = clock  # type: ignore[misc] # mypy asks for the bare callable that the key names
    async with serving(app) as served:
        running = Replica(app, served, clock)
        while (await running.ask("GET", "/readyz")).status != 200:  # before, it can not tell who asks
            pass
        yield running


def unique(prefix: str = "u") -> str:
    """A handle that no other test has."""
    return f"{prefix}_{uuid4().hex[:12]}"


def secret(text: str) -> bytes:
    """A key of the installation, from its setting."""
    return base64.urlsafe_b64decode(text)


async def registered(running: Replica) -> tuple[str, Reply]:
    """Open an account under a handle that no other test has."""
    handle = unique()
    return handle, await running.register(handle)


def session_of(reply: Reply) -> UUID:
    """The session that an access token belongs to."""
    return UUID(jwt.decode(reply.shown["access_token"], options={"verify_signature": False})["sid"])
