"""Who leads which partition, in MongoDB. Leases save work; only the compare-and-set on positions keeps truth.

A lease is timed by MongoDB's clock, never by a replica's, and names its holder and the MongoDB session that the holder writes with: whoever
takes a lease over kills that session first, or a transaction that a dead leader left open would block its documents for a minute.
A replica that starts again under its name need not wait for its own old leases: the process that held them is gone, or is to go.
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from bson import Binary, ObjectId
from pymongo import UpdateOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from eventlog.record import Partition

logger = logging.getLogger(__name__)


class MongoLeases:
    """See `eventlog.ledger.Leases`."""

    def __init__(self, database: AsyncDatabase[Any], places: Iterable[Partition], replica: str, term_ms: int) -> None:
        self._database = database
        self._places = {str(place): place for place in places}
        self.replica = replica
        self._process = ObjectId()
        self.term_ms = term_ms
        self.held: frozenset[Partition] = frozenset()
        self._turn = asyncio.Lock()  # two renewals at once would each see that it does not hold what the other has just renewed

    async def prepare(self) -> None:
        """See `Leases.prepare`."""
        nobody = {"holder": None, "process": None, "session": None, "term": None}
        ops = [
            UpdateOne({"_id": name}, [{"$set": {"_id": "$_id", **nobody, "until": "$$NOW"}}], upsert=True) for name in await self._unknown()
        ]
        if ops:
            await self._database.leases.bulk_write(ops)
        await self._database.leases.update_many({"holder": self.replica, "process": {"$ne": self._process}}, [{"$set": {"until": "$$NOW"}}])

    async def renew(self, writer: UUID) -> frozenset[Partition]:
        """See `Leases.renew`. `writer` is the id of the session that will write."""
        async with self._turn:
            self.held = await self._renew(writer)
        return self.held

    async def release(self) -> None:
        """See `Leases.release`."""
        self.held = frozenset()
        await self._database.leases.update_many(
            {"process": self._process}, [{"$set": {"holder": None, "process": None, "session": None, "until": "$$NOW"}}]
        )

    async def _renew(self, session: UUID) -> frozenset[Partition]:
        leases = self._database.leases
        term = ObjectId()
        until = {"$add": ["$$NOW", self.term_ms]}
        mine = {"holder": self.replica, "process": self._process, "session": session, "term": term, "until": until}
        # A lease that runs far longer than one term was timed by a clock that has jumped since: it counts as expired. Twice the term, for
        # an operation that had to be retried has an older $$NOW than the one that was before it.
        expired = {"$or": [{"$lte": ["$until", "$$NOW"]}, {"$gt": ["$until", {"$add": ["$$NOW", 2 * self.term_ms]}]}]}
        await leases.update_many({"process": self._process, "$expr": {"$not": [expired]}}, [{"$set": mine}])
        free = [doc for doc in await leases.find({"$expr": expired}).to_list() if doc["_id"] in self._places]
        # Killed before they are taken: one who takes and dies at once would leave no trace of the session that is still to be killed.
        await self._kill({doc["session"] for doc in free if doc["session"] not in (None, session)})
        if free:
            await leases.update_many({"_id": {"$in": [doc["_id"] for doc in free]}, "$expr": expired}, [{"$set": mine}])
        held = await leases.find({"process": self._process, "term": term}, {"_id": 1}).to_list()
        return frozenset(self._places[doc["_id"]] for doc in held if doc["_id"] in self._places)

    async def _unknown(self) -> list[str]:
        known = {doc["_id"] for doc in await self._database.leases.find({}, {"_id": 1}).to_list()}
        return [name for name in self._places if name not in known]

    async def _kill(self, sessions: set[UUID]) -> None:
        if not sessions:
            return
        try:
            await self._database.client.admin.command("killSessions", [{"id": Binary.from_uuid(each)} for each in sessions])
        except PyMongoError as error:
            logger.warning("a former leader's sessions are not killed, its transaction may block for a minute: %s", error)
