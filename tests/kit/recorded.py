"""The recorded log: real records, written once and never changed, that every later program has to fold to the same verdicts and views.

It has chapters, each in a file of its own that goes on where the one before ended; `hashes.json` says what the log comes to at the end of
each. `dev.recordings` writes both.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import bson

import auth_service.projection
import comments_service.projection
import posts_service.projection
import query_service.projection
from eventlog.documents import OPTIONS, encode
from eventlog.facts import Facts
from eventlog.memory import MemoryLog
from eventlog.projection import Doc, Projection
from eventlog.record import Partition, Record
from eventlog.stopping import stop
from eventlog.verifying import Hashing
from servicekit.app import now
from servicekit.keys import DataKeys

FOLDER = Path(__file__).parents[1] / "recorded"
HASHES = FOLDER / "hashes.json"
KEK, CREDENTIALS_KEK = sha256(b"a key for tests").digest(), sha256(b"another key for tests").digest()


@dataclass(frozen=True, slots=True)
class Reader:
    """How a service reads the log: what it makes of it, and which keys it can open with."""

    projection: Projection
    key_topics: tuple[str, ...] = ("keys", "post-keys")
    keks: tuple[bytes, ...] = (KEK,)

    @asynccontextmanager
    async def facts(self, log: MemoryLog) -> AsyncIterator[Facts]:
        """What opens its events."""
        keys = DataKeys(log, self.key_topics, keks=self.keks, own=None, clock=now)
        following = asyncio.create_task(keys.following.run())
        try:
            yield Facts(keys)
        finally:
            await stop(following)


READERS: Mapping[str, Reader] = {
    "auth": Reader(auth_service.projection.PROJECTION, ("keys",), (KEK, CREDENTIALS_KEK)),
    "posts": Reader(posts_service.projection.PROJECTION),
    "comments": Reader(comments_service.projection.PROJECTION),
    "query": Reader(query_service.projection.PROJECTION),
}


def chapters() -> list[Path]:
    """The files of all chapters, in their order."""
    return sorted(FOLDER.glob("*.jsonl"))


def load(files: Iterable[Path]) -> MemoryLog:
    """A log that holds some chapters."""
    log = MemoryLog()
    for file in files:
        for line in file.read_text("utf-8").splitlines():
            record = _record(json.loads(line))
            if record.offset != len(log.records[record.place]):
                raise ValueError(f"{file.name} does not go on where the chapter before ended")
            log.records[record.place].append(record)
    return log


def written(record: Record) -> str:
    """A record as a line of a chapter."""
    value = base64.b64encode(record.value).decode() if record.value is not None else None
    headers = [[name, text.decode("latin-1")] for name, text in record.headers]
    key = record.key.decode() if record.key is not None else None
    return json.dumps([record.topic, record.partition, record.offset, record.time, key, headers, value])


def _record(line: list[Any]) -> Record:
    topic, partition, offset, time, key, headers, value = line
    return Record(
        place=Partition(topic, partition),
        offset=offset,
        time=time,
        key=key.encode() if key is not None else None,
        value=base64.b64decode(value) if value is not None else None,
        headers=tuple((name, text.encode("latin-1")) for name, text in headers),
    )


def hash_of(docs: Mapping[str, Doc]) -> str:
    """How many documents there are, and their hash, as MongoDB would hold them."""
    hashing = Hashing()
    for doc_id in sorted(docs, key=str.encode):
        stored: Doc = bson.decode(encode(doc_id, docs[doc_id]).raw, OPTIONS)
        hashing.take(stored)
    hashed = hashing.result()
    return f"{hashed.documents} {hashed.hash}"


def hash_by_topic(docs: Mapping[str, Doc]) -> dict[str, str]:
    """The same of a ledger's entries, topic by topic: which topics a service follows says nothing about their verdicts."""
    topics = sorted({doc_id.partition("/")[0] for doc_id in docs})
    return {topic: hash_of({doc_id: doc for doc_id, doc in docs.items() if doc_id.partition("/")[0] == topic}) for topic in topics}
