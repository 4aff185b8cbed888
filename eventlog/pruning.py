"""What a service's database holds of versions and generations of its views, and how one of them is taken out of it."""

from dataclasses import dataclass
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from eventlog.mongoleases import replicas_of
from eventlog.projection import Projection

GONE = -1  # what is being taken away is fed up to here: nobody can go on from it


@dataclass(frozen=True, slots=True)
class Kept:
    """A version or generation of the views: its label, how many records it was fed with, and how many processes feed it now."""

    label: str
    fed: int
    replicas: int


async def kept(database: AsyncDatabase[dict[str, Any]]) -> list[Kept]:
    """All versions and generations, in the order of their labels."""
    grouped = {"$group": {"_id": "$views", "fed": {"$sum": "$fed"}}}
    found = await database.positions.aggregate([{"$match": {"views": {"$ne": None}}}, grouped, {"$sort": {"_id": 1}}])
    return [Kept(doc["_id"], doc["fed"], await replicas_of(database, doc["_id"])) async for doc in found]


async def judged(database: AsyncDatabase[dict[str, Any]]) -> int:
    """How many records the ledger has come past: as many as any views can be fed with."""
    found = await database.positions.aggregate([{"$group": {"_id": None, "next": {"$sum": "$next"}}}])
    return sum([doc["next"] async for doc in found])


async def drop(database: AsyncDatabase[dict[str, Any]], projection: Projection, label: str) -> list[str]:
    """Take a version or generation away that nobody feeds; the names of its collections.

    Its positions go last, and say meanwhile that nobody can go on from them: cut off here it is not served with
    holes, nor filled twice.
    """
    suffix = label.removeprefix(projection.name)
    await database.positions.update_many({"views": label}, {"$set": {"fed": GONE}})
    names = sorted(name for name in await database.list_collection_names() if name.endswith(suffix))
    for name in names:
        await database.drop_collection(name)
    await database.parked.delete_many({"views": label})
    await database.leases.delete_many({"_id": {"$regex": f" {label}( |$)"}})
    await database.positions.delete_many({"views": label})
    return names
