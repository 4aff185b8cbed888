"""The kit for views folds a log as a service does: what is void feeds nothing, what can not be digested waits and holds nothing else up."""

from dataclasses import replace
from uuid import uuid4

import pytest

from eventlog.entries import Parked
from eventlog.memory import MemoryLog
from eventlog.referee import Verdict
from eventlog.testing import JsonFacts, folded, put, when_caught_up
from events.codec import UnknownSchema
from tests.kit import toy
from tests.kit.toy import MarbleAdded

FACTS = JsonFacts(MarbleAdded)


async def say(log: MemoryLog, event: MarbleAdded, version: int, **more: object) -> int:
    _, offset = await put(log, FACTS, event, {f"jar:{event.jar}": version}, topic=toy.TOPIC, key="k", **more)  # type: ignore[arg-type]  # what `put` takes
    return offset


async def test_views_are_those_of_the_accepted_records() -> None:
    log, attempt = MemoryLog(), uuid4()
    await say(log, MarbleAdded(jar="a"), 0, attempt=attempt)
    await say(log, MarbleAdded(jar="a", marbles=10), 0)
    await say(log, MarbleAdded(jar="a", marbles=20), 1, attempt=attempt)
    await say(log, MarbleAdded(jar="a", marbles=2), 1)

    found = await when_caught_up(log, toy.PROJECTION, FACTS)

    assert {"jar:a": {"_id": "jar:a", "marbles": 3, "version": 2}} == found["jars"]
    assert {"a": {"_id": "a", "times": 2, "marbles": 3, "label": "3 marbles"}} == found["totals"]
    assert [Verdict.ACCEPTED, Verdict.CONFLICTING, Verdict.REPEATED, Verdict.ACCEPTED] == list(found.verdicts.values())
    assert [2] == list(found.versions.values())
    assert (3, 2) == (len(found.attempts), len(found.voids))


@pytest.mark.parametrize(
    ("event", "more", "cause"),
    [
        (MarbleAdded(jar="a", poison=True), {}, "ValueError: the marble is poisoned"),
        (MarbleAdded(jar="a", marbles=-1), {}, "ValueError: a jar of holes has no label"),
        (MarbleAdded(jar="a"), {"type_": "toy.later.v1"}, "UnknownSchema: no published schema has the fingerprint"),
    ],
)
async def test_what_can_not_be_digested_parks_its_stream_in_order(event: MarbleAdded, more: dict[str, object], cause: str) -> None:
    log = MemoryLog()
    await say(log, event, 0, **more)
    await say(log, MarbleAdded(jar="b"), 0)
    await say(log, MarbleAdded(jar="a"), 1)

    found = await when_caught_up(log, toy.PROJECTION, FACTS)

    assert {"jar:b"} == found["jars"].keys()
    first, second = found.parked
    assert first.cause.startswith(cause)
    assert replace(second, time=0) == Parked(first.place, 2, ("jar:a",), "it waits for an earlier record of its stream", 0)


async def test_a_fact_comes_back_from_json() -> None:
    log = MemoryLog()
    place, offset = await put(log, FACTS, MarbleAdded(jar="a", name="blue"), {"jar:a": 0}, topic=toy.TOPIC, key="k")
    record = log.records[place][offset]

    assert MarbleAdded(jar="a", name="blue") == FACTS.decode(record)
    with pytest.raises(UnknownSchema):
        JsonFacts().decode(record)


def test_events_alone_make_documents() -> None:
    found = folded(toy.PROJECTION, (MarbleAdded(jar="a"), {"jar:a": 3}), (MarbleAdded(jar="a", name="x"), {"jar:a": 4, "name:x": 0}))

    assert {"jar:a": {"_id": "jar:a", "marbles": 2, "version": 5}} == found["jars"]
    assert {"name:x": {"_id": "name:x", "jar": "a", "version": 1}} == found["names"]
