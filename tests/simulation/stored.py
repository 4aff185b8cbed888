"""Whether the store holds what the model holds, and what the log comes to when it is folded anew."""

from collections.abc import Iterator, Mapping
from typing import Any

import bson

from eventlog.documents import OPTIONS
from eventlog.log import places_of
from eventlog.memoryledger import MemoryLedger
from eventlog.memorystore import MemoryStore
from eventlog.record import Partition
from eventlog.refolding import refold
from eventlog.testing import when_caught_up
from tests.kit import toy
from tests.simulation.model import Folded
from tests.simulation.world import World

Folds = Mapping[Partition, Folded]
Docs = dict[str, dict[str, Any]]
VIEWS = ("jars", "names", "totals")


def folded(world: World) -> Folds:
    """The whole log as the model has it."""
    heals = all(program.heals for program in world.rollout.end)
    return {place: Folded(place, records, heals=heals) for place, records in world.log.memory.records.items()}


def store(world: World, folds: Folds) -> Iterator[str]:
    """The store holds what the model holds, in each version of the views."""
    actual: dict[str, Docs] = {name: {doc["_id"]: doc for doc in world.store.all(name)} for name in list(world.store.collections)}
    for docs in actual.values():
        for doc in docs.values():
            del doc["_id"]
    for name in ("ledger", "attempts", "voids"):
        yield from _compare(name, _documents(folds, name), actual.get(name, {}))
    for projection in {program.projection.version: program.projection for program in world.rollout.end}.values():
        for view in VIEWS:
            name = f"{view}_v{projection.version}"
            yield from _compare(name, _documents(folds, view), actual.get(name, {}))
        yield from _compare("positions", _positions(world, folds, projection.label), _stands(actual["positions"], projection.label))
        waits = {
            (doc["place"], doc["offset"], *doc["streams"]) for doc in actual.get("parked", {}).values() if doc["views"] == projection.label
        }
        parked = {(place, offset, *streams) for fold in folds.values() for place, offset, streams in fold.parked}
        if parked != waits:
            yield f"parked is {waits}, not {parked}"


def _documents(folds: Folds, name: str) -> Docs:
    return {doc_id: doc for fold in folds.values() for doc_id, doc in fold.documents[name].items()}


def _positions(world: World, folds: Folds, label: str) -> Docs:
    found: Docs = {}
    for place, fold in folds.items():
        if fold.facts:
            end, last = len(fold.facts), world.log.memory.records[place][-1].text("ce_id")[:64]
            parked = fold.parked[0][1] if fold.parked else None
            found[str(place)] = {"next": end, "last": last, f"{label}_fed": end, f"{label}_parked": parked}
    return found


def _stands(positions: Docs, label: str) -> Docs:
    fields = ("next", "last", f"{label}_fed", f"{label}_parked")
    return {place: {field: doc.get(field) for field in fields} for place, doc in positions.items() if doc["next"]}


def _compare(name: str, expected: Docs, actual: Docs) -> Iterator[str]:
    wrong = sorted(each for each in expected.keys() | actual.keys() if expected.get(each) != actual.get(each))
    if wrong:
        said = "; ".join(f"{each}: {actual.get(each)} instead of {expected.get(each)}" for each in wrong[:3])
        yield f"the store's {name} are {said}"


async def again(world: World) -> list[str]:
    """The log folded anew gives the same: by a rebuild into an empty store, byte for byte, and by the published kit."""
    log, program = world.log.memory, world.rollout.end[0]
    facts: Any = toy.PlainFacts()
    rebuilt = MemoryStore()
    ledger = MemoryLedger(rebuilt, program.projection, program=program.name)
    async for _ in refold(log, ledger, facts, await log.ends(places_of(program.projection.topics))):
        pass
    names = ("ledger", "attempts", "voids", *(program.projection.collection(view) for view in program.projection.views))
    before, after = world.store.contents(), rebuilt.contents()
    wrong = [f"rebuilt, {name} are others" for name in names if before.get(name) != after.get(name)]
    caught_up = await when_caught_up(log, program.projection, facts)
    for view in program.projection.views:
        docs = {doc_id: bson.decode(doc, OPTIONS) for doc_id, doc in after.get(program.projection.collection(view), {}).items()}
        if caught_up[view.name] != docs:
            wrong.append(f"the kit's {view.name} are {caught_up[view.name]}")
    return wrong
