"""An installation for tests of services: topics, databases, secrets, and people whose accounts stand on the log.

Tests sign access tokens themselves, with a key that stands on the log as auth_service would have put it there.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

from aiohttp import ClientSession, web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pymongo import MongoClient

from eventlog import topics
from eventlog.facts import Facts
from eventlog.log import KafkaLog, places_of
from eventlog.record import Partition
from eventlog.testing import put
from events.accounts import Credentials, Profile, Role, UserRegistered
from events.base import Personal
from events.jwks import SigningKeyMade
from events.sealing import kek_id, lookup_hash, wrap
from servicekit.engine import ENGINE
from servicekit.identity import issue
from servicekit.keys import DataKeys
from tests.kit.serving import serving

KEK, CREDENTIALS_KEK, LOOKUP_KEY = (bytes([number]) * 32 for number in (1, 2, 3))
PUBLIC_URL = "https://blog.example"


@dataclass(frozen=True)
class Reply:
    """What was answered, read to its end."""

    status: int
    shown: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        """The kind of problem."""
        return str(self.shown["type"]).removeprefix("/problems/")

    @property
    def seen(self) -> dict[str, str]:
        """The header by which the next request sees what this one wrote."""
        return {"Consistency-Token": self.headers["Consistency-Token"]}

    @property
    def unchanged(self) -> dict[str, str]:
        """The header that makes a change one of this version."""
        return {"If-Match": self.headers["ETag"]}


@dataclass(frozen=True)
class Somebody:
    """A person with an account, or without one, and a token that says who they are."""

    id: UUID
    handle: str
    name: str
    token: str

    @property
    def shown(self) -> dict[str, str]:
        """How others see them."""
        return {"id": str(self.id), "handle": self.handle, "name": self.name}

    async def ask(self, client: ClientSession, method: str, path: str, json: Any = None, **headers: str) -> Reply:
        """Send a request as this person; `If_Match="3"` is the header `If-Match`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        asked = client.request(method, path, json=json, headers={"Authorization": f"Bearer {self.token}", **named})
        async with asked as response:
            return Reply(response.status, await response.json(content_type=None) if response.content_length else None, response.headers)


class Installation:
    """One installation's log and databases."""

    def __init__(self, kafka: str, mongo: str, topic_prefix: str, database_prefix: str) -> None:
        self.kafka, self.mongo, self.topic_prefix, self.database_prefix = kafka, mongo, topic_prefix, database_prefix
        self.log = KafkaLog(kafka, prefix=topic_prefix)
        self._keys = DataKeys(self.log, ["keys"], keks=[KEK, CREDENTIALS_KEK], own="keys", clock=now)
        self._signing, self._kid = Ed25519PrivateKey.generate(), uuid4()

    @property
    def settings(self) -> dict[str, Any]:
        """What every service of it is told."""
        keys = {"kek": KEK, "lookup_key": LOOKUP_KEY}
        told = {"kafka": self.kafka, "mongo": self.mongo, "topic_prefix": self.topic_prefix, "database_prefix": self.database_prefix}
        return {**told, "port": 0, "public_url": PUBLIC_URL, **{name: base64.urlsafe_b64encode(key).decode() for name, key in keys.items()}}

    async def somebody(self, handle: str | None = None) -> Somebody:
        """Give somebody an account."""
        handle = handle or f"u_{uuid4().hex[:12]}"
        person = self.stranger(handle)
        made_for = uuid4()
        kid = await self._keys.make(f"user:{person.id}", made_for)
        credentials_kid = await self._keys.make(f"user:{person.id}", made_for, kek=CREDENTIALS_KEK)
        hashes = {kind: lookup_hash(LOOKUP_KEY, kind, handle) for kind in ("handle", "email")}
        registered = UserRegistered(
            user_id=person.id,
            handle_hash=hashes["handle"],
            email_hash=hashes["email"],
            role=Role.WRITER,
            profile=Personal(kid, Profile(handle=handle, name=person.name)),
            credentials=Personal(credentials_kid, Credentials(email=f"{handle}@example.org")),
            at=now(),
        )
        names = [f"user:{person.id}", *(f"{kind}:{hash_}" for kind, hash_ in hashes.items())]
        await put(self.log, Facts(self._keys), registered, dict.fromkeys(names, 0), topic="accounts", key="accounts", actor="")
        return person

    def stranger(self, handle: str = "stranger") -> Somebody:
        """Make somebody who has a token and no account."""
        user_id = uuid4()
        token = issue(self._signing, str(self._kid), user_id=user_id, session_id=uuid4(), role="writer", now=now())
        return Somebody(user_id, handle, f"The {handle}", token)

    async def ends(self, topic: str) -> Mapping[Partition, int]:
        """Where a topic ends."""
        return await self.log.ends(places_of([topic]))

    @asynccontextmanager
    async def running(self, app: web.Application) -> AsyncIterator[ClientSession]:
        """Run a replica; the client is given once the replica has read all that the log held."""
        async with serving(app) as served:
            while True:
                async with served.client.get("/readyz") as response:
                    if response.status == HTTPStatus.OK:
                        break
                await asyncio.sleep(0.05)
            yield served.client

    def drop_databases(self) -> None:
        """Drop every database of it."""
        with MongoClient[dict[str, object]](self.mongo) as client:
            for name in client.list_database_names():
                if name.startswith(self.database_prefix):
                    client.drop_database(name)

    async def prepare(self) -> None:
        """Make the topics, and put the signing key on the log."""
        await topics.ensure(self.kafka, prefix=self.topic_prefix)
        await self.log.start()
        public = self._signing.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        sealed = wrap(self._signing.private_bytes_raw(), kek=KEK, kid=self._kid, subject="jwks")
        made = SigningKeyMade(kid=self._kid, public=public, kek=kek_id(KEK), sealed_private=sealed, at=now())
        await put(self.log, Facts(self._keys), made, {}, topic="jwks", key=str(self._kid), actor="")


@asynccontextmanager
async def installation(kafka: str, mongo: str) -> AsyncIterator[Installation]:
    """An installation of its own, dropped afterwards."""
    name = uuid4().hex[:12]
    made = Installation(kafka, mongo, f"test-{name}.", f"test_{name}_")
    await made.prepare()
    try:
        yield made
    finally:
        await made.log.stop()
        made.drop_databases()


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


async def caught_up(app: web.Application) -> None:
    """Wait until a replica's views have passed all that the log holds."""
    progress = app[ENGINE].projector.progress
    assert await progress.reached(await app[ENGINE].log.ends(progress.followed()), 10)
