"""Appends to the recorded log as services do: keys are made and wrapped, facts are sealed, headers are those of the appender."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from eventlog.facts import Facts
from eventlog.log import read
from eventlog.memory import MemoryLog
from eventlog.record import Headers, Partition, Record
from eventlog.stopping import stop
from eventlog.testing import put
from events.base import Event
from events.codec import decode
from events.keys import DataKeyMade
from servicekit.keys import DataKeys, SigningKeys
from tests.kit.recorded import CREDENTIALS_KEK, KEK

BEGINNING = datetime(2026, 3, 1, 12, 30, 15, 123000, tzinfo=UTC)
KEY_TOPICS = ("keys", "post-keys")


class Pen:
    """Appends to a log. Time goes on by a minute with each record that the log has."""

    def __init__(self, log: MemoryLog) -> None:
        self.log = log
        self._keys = {own: DataKeys(log, KEY_TOPICS, keks=(KEK, CREDENTIALS_KEK), own=own, clock=self.now) for own in KEY_TOPICS}
        self._signing = SigningKeys(log, kek=KEK, clock=self.now)
        self._kids: dict[str, UUID] = {}

    @asynccontextmanager
    async def writing(self) -> AsyncIterator["Pen"]:
        """Write for as long as this lasts."""
        async for record in read(self.log, dict.fromkeys((Partition(topic, 0) for topic in KEY_TOPICS), 0)):
            self._learn(record)
        followed = [self._signing.following, *(keys.following for keys in self._keys.values())]
        following = [asyncio.create_task(each.run()) for each in followed]
        try:
            yield self
        finally:
            for each in following:
                await stop(each)

    def now(self) -> datetime:
        """What time it is in the story."""
        return BEGINNING + timedelta(minutes=sum(map(len, self.log.records.values())))

    async def signing_key(self) -> None:
        """Make the key that access tokens are signed with."""
        await self._signing.ensure()

    async def key(self, subject: str, topic: str, *, kek: bytes = KEK) -> UUID:
        """Make a data key for a subject."""
        self._kids[subject] = await self._keys[topic].make(subject, uuid4(), kek=kek)
        return self._kids[subject]

    def kid(self, subject: str) -> UUID:
        """The last key that was made for a subject, in this chapter or in one before."""
        return self._kids[subject]

    async def erase(self, subject: str, topic: str) -> None:
        """Destroy a data key."""
        await self.log.append(Partition(topic, 0), str(self.kid(subject)).encode(), None, [])

    async def say(self, event: Event, expects: Mapping[str, int], *, topic: str, key: str, **more: Any) -> tuple[Partition, int]:
        """Append a fact; where it stands."""
        facts = Facts(self._keys["keys"])
        await facts.catch_up()
        return await put(self.log, facts, event, expects, topic=topic, key=key, source=f"/{topic}", **more)

    async def again(self, record: Record, *, at: Partition | None = None, headers: Headers | None = None) -> None:
        """Append a record once more, elsewhere or with other headers where these are given."""
        await self.log.append(at or record.place, record.key or b"", record.value, record.headers if headers is None else headers)

    def _learn(self, record: Record) -> None:
        if record.value is not None:
            made = decode(record.value, ce_type=record.text("ce_type"), ce_id=UUID(record.text("ce_id")), key_of=lambda _: b"")
            if isinstance(made, DataKeyMade):
                self._kids[made.subject] = made.kid
