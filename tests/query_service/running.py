"""query_service on Kafka and MongoDB, and a log that a test writes facts to as the other services would."""

import base64
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from aiohttp import ClientSession
from pymongo import MongoClient
from yarl import URL

from eventlog import topics
from eventlog.facts import Facts
from eventlog.log import KafkaLog
from eventlog.progress import Token
from eventlog.record import Partition
from eventlog.testing import put
from events import codec
from events.accounts import UserRegistered
from events.base import Event, Personal
from events.comments import CommentPosted
from events.keys import DataKeyMade
from events.sealing import kek_id, new_key, wrap
from query_service.app import create_app
from query_service.settings import Settings
from query_service.store import Store
from servicekit.engine import ENGINE
from tests.kit.serving import serving
from tests.query_service.facts import streams

KEK, CREDENTIALS_KEK, LOOKUP_KEY = (bytes([number]) * 32 for number in (1, 2, 3))


@dataclass(frozen=True)
class Made:
    """The data keys that a test has made."""

    keys: Mapping[UUID, bytes]

    def key_of(self, kid: UUID) -> bytes:
        return self.keys[kid]

    async def catch_up(self) -> None:
        """There are no others."""


@dataclass(frozen=True)
class Reply:
    """What was answered, read to its end."""

    status: int
    text: str
    headers: Mapping[str, str]
    json: Any


class Site:
    """An installation's log, and a client of a service that reads it."""

    def __init__(self, kafka: str, mongo: str) -> None:
        name = uuid4().hex[:12]
        self._kafka, self._mongo = kafka, mongo
        self._topic_prefix, self._database_prefix = f"test-{name}.", f"test_{name}_"
        self._log = KafkaLog(kafka, prefix=self._topic_prefix)
        self._keys: dict[UUID, bytes] = {}
        self._versions: Counter[str] = Counter()
        self.client: ClientSession | None = None
        self.store: Store
        self.token = Token()

    async def write(self, *events: Event) -> Token:
        """Append facts, with the data keys that seal them before; what a reader has to carry to see them."""
        written = Token()
        for event in events:
            await self._make_keys(event)
            expects = {stream: self._versions[stream] for stream in streams(event)}
            topic, key = _place(event)
            place, offset = await put(self._log, Facts(Made(self._keys)), event, expects, topic=topic, key=key, actor="")
            self._versions.update(expects.keys())
            written = written.merge({place: offset + 1})
        self.token = self.token.merge(written)
        return written

    async def erase(self, kid: UUID, topic: str = "keys") -> None:
        """Put a tombstone in place of a data key."""
        await self._log.append(Partition(topic, 0), str(kid).encode(), None, [])

    async def get(self, path: str, *, seen: Token | str | None = None, **headers: str) -> Reply:
        """Ask as one who has seen all that was written, or as `seen` says; redirects are answers."""
        assert self.client is not None
        carried = {"Consistency-Token": str(self.token if seen is None else seen)}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.client.get(URL(path, encoded=path.isascii()), headers={**carried, **named}, allow_redirects=False) as response:
            text = await response.text()
            return Reply(response.status, text, response.headers.copy(), await response.json() if "json" in response.content_type else None)

    async def every(self, path: str) -> list[Any]:
        """The entries of all pages of a list."""
        found: list[Any] = []
        cursor: str | None = ""
        while cursor is not None:
            page = (await self.get(path + (f"&cursor={cursor}" if cursor else ""))).json
            found, cursor = found + page["items"], page["next"]
        return found

    @asynccontextmanager
    async def reading(self, **settings: Any) -> AsyncIterator["Site"]:
        """Run the service."""
        keys = {"kek": KEK, "lookup_key": LOOKUP_KEY}
        told = {"kafka": self._kafka, "mongo": self._mongo, "topic_prefix": self._topic_prefix, "database_prefix": self._database_prefix}
        secrets = {name: base64.urlsafe_b64encode(key).decode() for name, key in keys.items()}
        made = Settings.model_validate({**told, **secrets, "port": 0, "public_url": "https://blog.example", **settings})
        app = create_app(made)
        self.store = Store(app[ENGINE].serving)
        async with serving(app) as served:
            self.client = served.client
            yield self

    def drop_databases(self) -> None:
        """Drop every database of this installation."""
        with MongoClient[dict[str, object]](self._mongo) as client:
            for name in client.list_database_names():
                if name.startswith(self._database_prefix):
                    client.drop_database(name)

    async def _make_keys(self, event: Event) -> None:
        for group in vars(event).values():
            if isinstance(group, Personal) and group.kid not in self._keys:
                key = self._keys[group.kid] = new_key()
                kek = CREDENTIALS_KEK if "credentials" in group.value.TYPE else KEK
                subject = str(group.kid)
                wrapped = wrap(key, kek=kek, kid=group.kid, subject=subject)
                made = DataKeyMade(kid=group.kid, subject=subject, command_id=uuid4(), kek=kek_id(kek), wrapped=wrapped, at=event.at)
                attempt = uuid4()
                headers = [("ce_id", str(attempt).encode()), ("ce_type", made.TYPE.encode())]
                topic = "post-keys" if "post" in event.TYPE.split(".") else "keys"
                value = codec.encode(made, ce_id=attempt, key_of=self._keys.__getitem__)
                await self._log.append(Partition(topic, 0), str(group.kid).encode(), value, headers)


@asynccontextmanager
async def site(kafka: str, mongo: str) -> AsyncIterator[Site]:
    """An installation of its own, dropped afterwards; nothing reads it yet."""
    made = Site(kafka, mongo)
    await topics.ensure(kafka, prefix=made._topic_prefix)
    await made._log.start()
    try:
        yield made
    finally:
        await made._log.stop()
        made.drop_databases()


def _place(event: Event) -> tuple[str, str]:
    """The topic and key of an event."""
    match event:
        case UserRegistered():
            return "accounts", "accounts"
        case CommentPosted():
            return "comments", str(event.post_id)
        case _:
            return "posts", str(vars(event)["author_id"])
