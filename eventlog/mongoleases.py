"""Who leads which partition, in MongoDB. Leases save work; only the compare-and-set on positions keeps truth.

A lease is timed by MongoDB's clock, never by a replica's, and names its holder and the MongoDB session that the holder writes with: whoever
takes a lease over kills that session first, or a transaction that a dead leader left open would block its documents for a minute.
A replica that starts again under its name need not wait for its own old leases: the process that held them is gone, or is to go.

For each partition there is a lease of the ledger (`posts/3`), and one of each version of the views that is fed from it
(`posts/3 query_v1`). Each process also holds a lease on itself, by which the others of its version know that it lives: partitions are
shared by those who do.
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

from eventlog.ledger import in_turn, is_short, share_of
from eventlog.record import Partition

logger = logging.getLogger(__name__)

_REPLICA = "replica "  # begins the name of a process's lease on itself
_FREE = {"holder": None, "process": None, "session": None, "until": "$$NOW"}


async def replicas_of(database: AsyncDatabase[Any], label: str) -> int:
    """How many processes feed a version of the views, or have until a moment ago."""
    query = {
        "_id": {"$gte": f"{_REPLICA}{label} ", "$lt": f"{_REPLICA}{label}!"},
        "process": {"$ne": None},
        "$expr": {"$gt": ["$until", "$$NOW"]},
    }
    return await database.leases.count_documents(query)


class MongoLeases:
    """See `eventlog.ledger.Leases`."""

    def __init__(self, database: AsyncDatabase[Any], label: str, places: Iterable[Partition], replica: str, term_ms: int) -> None:
        self._database = database
        self._places = {f"{place} {label}": place for place in in_turn(places)}
        self._judged = {str(place): place for place in self._places.values()}
        self.replica = replica
        self._process = ObjectId()
        self._replicas = f"{_REPLICA}{label} "
        self._self = f"{self._replicas}{self._process}"
        self.term_ms = term_ms
        self.held: frozenset[Partition] = frozenset()
        self.judging: frozenset[Partition] = frozenset()
        self.excess: frozenset[Partition] = frozenset()
        self.short = True
        self._turn = asyncio.Lock()  # two renewals at once would each see that it does not hold what the other has just renewed
        # A lease that runs far longer than one term was timed by a clock that has jumped since: it counts as expired. Twice the term, for
        # an operation that had to be retried has an older $$NOW than the one that was before it.
        self._expired = {"$or": [{"$lte": ["$until", "$$NOW"]}, {"$gt": ["$until", {"$add": ["$$NOW", 2 * term_ms]}]}]}

    async def prepare(self) -> None:
        """See `Leases.prepare`."""
        ops = [UpdateOne({"_id": name}, [{"$set": {"_id": "$_id", "term": None, **_FREE}}], upsert=True) for name in await self._unknown()]
        if ops:
            await self._database.leases.bulk_write(ops)
        earlier = {"holder": self.replica, "process": {"$ne": self._process}, "_id": {"$in": list(self._places)}}
        killed = await self._database.leases.distinct("process", earlier)
        # By process, for another one of this replica's may feed another version of the views, and lives.
        await self._database.leases.update_many({"process": {"$in": killed}}, [{"$set": {"until": "$$NOW"}}])
        of_replicas = {"$gte": self._replicas, "$lt": f"{self._replicas}~"}
        await self._database.leases.delete_many({"_id": of_replicas, "$expr": self._expired})

    async def renew(self, writer: UUID, judging: Iterable[Partition] = ()) -> frozenset[Partition]:
        """See `Leases.renew`. `writer` is the id of the session that will write."""
        async with self._turn:
            wanted = {str(place) for place in judging}
            await self._let_go(self.judging - {self._judged[name] for name in wanted})
            held, live = await self._renew(writer, wanted)
            share = share_of(len(self._places), live)
            mine = [place for name, place in self._places.items() if name in held]
            self.short = is_short(len(mine), len(self._places), live)
            self.held, self.excess = frozenset(mine[:share]), frozenset(mine[share:])
            judged = frozenset(place for name, place in self._judged.items() if name in held)
            self.judging = judged & self.held
            await self._let_go(judged - self.held - self.excess)  # what is not fed here is another's to judge
        return self.held

    async def give_back(self) -> None:
        """See `Leases.give_back`."""
        async with self._turn:
            excess, self.excess = self.excess, frozenset()
            await self._let_go(excess)
            await self._free({"_id": {"$in": [name for name, place in self._places.items() if place in excess]}})

    async def release(self) -> None:
        """See `Leases.release`."""
        self.held = self.judging = self.excess = frozenset()
        await self._free({})

    async def _let_go(self, judged: frozenset[Partition]) -> None:
        """Judge some partitions no more."""
        if judged:
            await self._free({"_id": {"$in": [str(place) for place in judged]}})

    async def _free(self, which: dict[str, Any]) -> None:
        await self._database.leases.update_many({**which, "process": self._process}, [{"$set": _FREE}])

    async def _renew(self, session: UUID, judging: set[str]) -> tuple[set[str], int]:
        """Renew and take; the names of all that is held now, and how many replicas live."""
        leases = self._database.leases
        term = ObjectId()
        until = {"$add": ["$$NOW", self.term_ms]}
        mine = {"holder": self.replica, "process": self._process, "session": session, "term": term, "until": until}
        # First: who does not live any more holds nothing any more either.
        await leases.update_one({"_id": self._self}, [{"$set": {"_id": "$_id", **mine}}], upsert=True)
        await leases.update_many({"process": self._process, "$expr": {"$not": [self._expired]}}, [{"$set": mine}])
        docs = await leases.aggregate([{"$project": {"process": 1, "session": 1, "term": 1, "expired": self._expired}}])
        seen = {doc["_id"]: doc async for doc in docs}
        live = sum(name.startswith(self._replicas) and not doc["expired"] for name, doc in seen.items())
        share = share_of(len(self._places), live)
        held = {name for name, doc in seen.items() if doc["term"] == term}
        expired = [name for name in (*self._places, *judging) if name in seen and seen[name]["expired"]]
        free = [name for name in expired if name in self._places][: max(0, share - len(held & self._places.keys()))]
        free += [name for name in expired if name in judging]
        if free:
            # Killed before they are taken: one who takes and dies at once would leave no trace of the session that is still to be killed.
            await self._kill({seen[name]["session"] for name in free} - {None, session})
            await leases.update_many({"_id": {"$in": free}, "$expr": self._expired}, [{"$set": mine}])
            held = {doc["_id"] for doc in await leases.find({"process": self._process, "term": term}, {"_id": 1}).to_list()}
        return held, live

    async def _unknown(self) -> list[str]:
        known = {doc["_id"] for doc in await self._database.leases.find({}, {"_id": 1}).to_list()}
        return [name for name in (*self._places, *self._judged) if name not in known]

    async def _kill(self, sessions: set[UUID]) -> None:
        if not sessions:
            return
        try:
            await self._database.client.admin.command("killSessions", [{"id": Binary.from_uuid(each)} for each in sessions])
        except PyMongoError as error:
            logger.warning("a former leader's sessions are not killed, its transaction may block for a minute: %s", error)
