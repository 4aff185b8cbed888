"""Writes a batch into MongoDB: verdicts, views and positions in one transaction, by compare-and-set on the positions."""

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.client_session_shared import TransactionOptions
from pymongo.errors import BulkWriteError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from eventlog.entries import AttemptKnown
from eventlog.ledger import Folded
from eventlog.mongobulk import Bulk
from eventlog.mongoparked import MongoParked
from eventlog.mongopositions import MongoPositions
from eventlog.projection import Projection

DUPLICATE_KEY = 11000
MANY = 50


class MongoWriter:
    """See `eventlog.ledger.Writer`: a session of MongoDB's."""

    def __init__(self, client: AsyncMongoClient[Any], write: Callable[[Folded, AsyncClientSession], Awaitable[None]]) -> None:
        options = TransactionOptions(read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority"))
        self._session = client.start_session(default_transaction_options=options)
        self._write = write
        self.id = UUID(bytes=bytes(self._session.session_id["id"]))

    async def write(self, folded: Folded) -> None:
        """See `Writer.write`."""
        async with await self._session.start_transaction():
            await self._write(folded, self._session)

    async def close(self) -> None:
        """See `Writer.close`."""
        with contextlib.suppress(PyMongoError):
            await self._session.end_session()


async def write(
    database: AsyncDatabase[Any],
    projection: Projection,
    positions: MongoPositions,
    parked: MongoParked,
    folded: Folded,
    session: AsyncClientSession,
) -> None:
    """Write all of a batch. Raises AttemptKnown, or PositionLost where a position is not the one that the batch began from."""
    bulk, judged = Bulk(database, session), folded.judged
    await _store(bulk, "ledger", [(each, {"_id": each, "v": v}, each in judged.begun) for each, v in judged.versions.items()])
    try:
        await bulk.insert("attempts", judged.attempts)
    except BulkWriteError as error:
        if any(each["code"] == DUPLICATE_KEY for each in error.details["writeErrors"]):
            raise AttemptKnown from error
        raise
    await bulk.insert("voids", judged.voids)
    for view in projection.views:
        docs = [(key, doc) for key, doc in folded.written.items() if key[0] == view.name]
        collection = projection.collection(view)
        await bulk.delete(collection, [key[1] for key, doc in docs if doc is None])
        await _store(bulk, collection, [(key[1], doc, key in folded.absent) for key, doc in docs if doc is not None])
    await parked.write(folded, session)
    await positions.move(folded.moves, session)


async def _store(bulk: Bulk, collection: str, docs: list[tuple[str, Any, bool]]) -> None:
    """Store documents by their ids, of each of which is said whether it is new.

    MongoDB inserts in half the time that a replacement takes, but to do both is one request more: it pays for many.
    """
    new = sum(is_new for _, _, is_new in docs)
    inserting = new == len(docs) or new >= MANY
    await bulk.insert(collection, [doc for _, doc, is_new in docs if is_new and inserting])
    await bulk.put(collection, [(doc_id, doc) for doc_id, doc, is_new in docs if not (is_new and inserting)])
