"""The engine itself, on MongoDB, makes the same of the recorded log as the fold in memory."""

import pytest
from pymongo import AsyncMongoClient

from dev.recordings import recorded
from eventlog.documents import OPTIONS
from eventlog.projection import Doc
from tests.kit.engine import replica
from tests.kit.recorded import READERS, chapters, hash_by_topic, hash_of, load

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("service", READERS)
async def test_a_service_comes_to_the_recorded_verdicts_and_views(service: str, mongo: str, database_prefix: str) -> None:
    files, reader, name = chapters(), READERS[service], database_prefix + service
    log = load(files)
    expected = recorded()[files[-1].stem]

    async with reader.facts(log) as facts, replica(log, mongo, name, projection=reader.projection, facts=facts) as one:
        await one.caught_up()

    async with AsyncMongoClient[Doc](mongo) as client:
        database = client[name].with_options(OPTIONS)

        async def stored(collection: str) -> dict[str, Doc]:
            return {doc["_id"]: doc async for doc in database[collection].find({})}

        views = {view.name: hash_of(await stored(reader.projection.collection(view))) for view in reader.projection.views}
        verdicts = {kind: hash_by_topic(await stored(kind)) for kind in ("ledger", "attempts", "voids")}
        parked = await stored("parked")
    assert expected["views"][reader.projection.label] == views
    for kind, hashes in verdicts.items():
        assert {topic: expected["verdicts"][topic][kind] for topic in hashes} == hashes
        assert set(hashes) == {topic for topic in reader.projection.topics if kind in expected["verdicts"].get(topic, {})}
    assert {} == parked
