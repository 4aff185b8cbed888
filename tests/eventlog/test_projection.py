from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlog.documents import OPTIONS, Undigested, encode
from eventlog.projection import Aggregate, Doc, Fold, Projection, View
from tests.kit import toy
from tests.kit.toy import MarbleAdded


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Painting:
    name: str = ""
    colour: Colour = Colour.RED
    second: Colour | None = None
    tags: tuple[str, ...] = ()
    maybe: tuple[int, ...] | None = None
    owner: UUID | None = None
    at: datetime | None = None
    size: float = 0.0


PAINTINGS = Aggregate(kind="painting", view="paintings", state=Painting, evolve=lambda state, _: state)
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)).map(  # noqa: DTZ001 - made aware right here
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
)
STATES = st.builds(
    Painting,
    name=st.text(),
    colour=st.sampled_from(Colour),
    second=st.none() | st.sampled_from(Colour),
    tags=st.lists(st.text()).map(tuple),
    maybe=st.none() | st.lists(st.integers(-(2**63), 2**63 - 1)).map(tuple),
    owner=st.none() | st.uuids(),
    at=st.none() | MOMENTS,
    size=st.floats(allow_nan=False),
)


@given(STATES)
def test_a_state_comes_back_from_its_document(state: Painting) -> None:
    stored = bson.decode(encode("painting:1", PAINTINGS.dump(state)).raw, codec_options=OPTIONS)

    assert state == PAINTINGS.load(stored)


def test_a_stream_of_which_nothing_is_known_has_the_initial_state() -> None:
    assert Painting() == PAINTINGS.load(None)


def test_a_field_that_an_older_document_lacks_has_its_default() -> None:
    assert Painting(name="a") == PAINTINGS.load({"_id": "painting:1", "version": 3, "name": "a"})


def fold(*events: MarbleAdded, docs: dict[tuple[str, str], Doc | None] | None = None) -> Fold:
    folding = Fold(toy.PROJECTION, docs or {})
    for event in events:
        version = (folding.docs.get(("jars", f"jar:{event.jar}")) or {"version": 0})["version"]
        folding.apply(event, {f"jar:{event.jar}": version})
    return folding


def test_events_change_every_document_that_they_touch() -> None:
    folding = fold(MarbleAdded(jar="a"), MarbleAdded(jar="b", marbles=2), MarbleAdded(jar="a", marbles=3))

    results = folding.results()

    assert {"jar:a": {"_id": "jar:a", "marbles": 4, "version": 2}, "jar:b": {"_id": "jar:b", "marbles": 2, "version": 1}} == results[
        "jars_v1"
    ]
    assert {"a": 4, "b": 2} == {doc_id: doc["marbles"] for doc_id, doc in results["totals_v1"].items() if doc is not None}
    assert "names_v1" not in results


def test_a_document_goes_on_from_what_was_loaded() -> None:
    folding = fold(MarbleAdded(jar="a"), docs={("jars", "jar:a"): {"_id": "jar:a", "marbles": 7, "version": 4}})

    assert {"_id": "jar:a", "marbles": 8, "version": 5} == folding.results()["jars_v1"]["jar:a"]


def test_an_event_that_a_view_can_not_digest_changes_nothing() -> None:
    folding = fold(MarbleAdded(jar="a"))
    before = folding.results()

    with pytest.raises(ValueError, match="poisoned"):
        folding.apply(MarbleAdded(jar="a", poison=True), {"jar:a": 1})

    assert before == folding.results()


def test_costly_fields_are_derived_once_for_each_written_document() -> None:
    derived: list[Any] = []

    def derive(doc: Doc) -> Doc:
        derived.append(doc["_id"])
        return {**doc, "twice": doc["marbles"] * 2}

    view = View(name="totals", route=lambda event: [event.jar], evolve=toy.total, derive=derive)
    folding = Fold(Projection(name="toy", version=1, topics=(toy.TOPIC,), views=(view,)))
    for jar in "aab":
        folding.apply(MarbleAdded(jar=jar), {})

    results = folding.results()["totals_v1"]

    assert ["a", "b"] == derived
    assert {"a": 4, "b": 2} == {doc_id: doc["twice"] for doc_id, doc in results.items() if doc is not None}


def test_a_view_may_drop_a_document_but_no_state_of_a_stream() -> None:
    dropping = View(name="things", route=lambda _: ["x"], evolve=lambda _doc, _event: None)
    deciding = View(name="states", decides="jar", evolve=lambda _doc, _event: None)
    folding = Fold(Projection(name="toy", version=1, topics=(toy.TOPIC,), views=(dropping,)))

    folding.apply(MarbleAdded(jar="a"), {"jar:a": 0})

    assert {"things_v1": {"x": None}} == folding.results()
    with pytest.raises(ValueError, match="drops the state of jar:a"):
        Fold(Projection(name="toy", version=1, topics=(toy.TOPIC,), views=(deciding,))).apply(MarbleAdded(jar="a"), {"jar:a": 0})


def test_a_stream_of_no_view_has_no_state() -> None:
    assert "jars" == toy.PROJECTION.deciding("jar:a").name
    with pytest.raises(KeyError):
        toy.PROJECTION.deciding("user:a")


def test_the_same_document_has_the_same_bytes() -> None:
    assert encode("x", {"b": 1, "a": 2, "_id": "x"}).raw == encode("x", {"_id": "x", "a": 2, "b": 1}).raw


@pytest.mark.parametrize("value", [1 << 63, "\ud800", {1: "a"}, {"a\0b": 1}, object(), {"x": b"x" * (15 << 20)}], ids=str.__name__.format)
def test_what_a_document_can_not_hold_is_told(value: Any) -> None:
    with pytest.raises((Undigested, bson.errors.BSONError, OverflowError, UnicodeError)):
        encode("x", {"value": value})
