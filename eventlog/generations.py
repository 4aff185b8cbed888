"""Which generations of one version of the views there are, and which is served.

A generation is a whole set of the same views, in collections of its own: what a rebuild makes beside the one that is read meanwhile. One
document for each version says which of them is served (`active`), which are fed by whoever serves (`kept`), and which is being filled.
"""

from dataclasses import dataclass
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from eventlog.projection import Projection


class NoSuchGeneration(Exception):
    """The generation is not one that is kept."""


@dataclass(frozen=True, slots=True)
class Generations:
    """The generations of one version. `before` was served before the active one."""

    active: int = 0
    kept: tuple[int, ...] = (0,)
    filling: int | None = None
    before: int | None = None


class MongoGenerations:
    """The generations of one version of a service's views, in its database."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], projection: Projection) -> None:
        self._docs = database.get_collection("generations", read_concern=ReadConcern("majority"), write_concern=WriteConcern("majority"))
        self._id = f"{projection.name}_v{projection.version}"

    async def read(self) -> Generations:
        """Those there are."""
        doc = await self._docs.find_one({"_id": self._id})
        return Generations() if doc is None else Generations(doc["active"], tuple(doc["kept"]), doc["filling"], doc["before"])

    async def begin(self) -> int:
        """The generation that is being filled: the one that a rebuild has begun before, or a new one."""
        begun = {"active": 0, "kept": [0], "filling": None, "before": None, "last": 0}
        await self._docs.update_one({"_id": self._id}, {"$setOnInsert": begun}, upsert=True)
        following = {"$add": ["$last", 1]}
        change = [{"$set": {"filling": following, "last": following}}]
        await self._docs.update_one({"_id": self._id, "filling": None}, change)
        filling = (await self.read()).filling
        if filling is None:
            raise NoSuchGeneration("another rebuild has just ended")
        return filling

    async def serve(self, generation: int) -> None:
        """From now on serve a generation, one that was filled or that is kept. Raises NoSuchGeneration."""
        kept = {"$setUnion": ["$kept", [generation]]}
        filling = {"$cond": [{"$eq": ["$filling", generation]}, None, "$filling"]}
        before = {"$cond": [{"$eq": ["$active", generation]}, "$before", "$active"]}
        change = [{"$set": {"before": before, "active": generation, "kept": kept, "filling": filling}}]
        known = {"_id": self._id, "$or": [{"filling": generation}, {"kept": generation}]}
        if not (await self._docs.update_one(known, change)).matched_count:
            raise NoSuchGeneration(f"there is no generation {generation}")

    async def let_go(self) -> None:
        """From now on feed none but the active one; a rebuild under way is given up."""
        await self._docs.update_one({"_id": self._id}, [{"$set": {"kept": ["$active"], "filling": None, "before": None}}])
