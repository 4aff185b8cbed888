"""A domain of three lines for tests of the engine: jars that hold marbles, and names that one jar may carry."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from eventlog.deciding import Call, Decision, Others
from eventlog.projection import Aggregate, Doc, Projection, View
from eventlog.testing import JsonFacts
from events.refusals import Conflict, NotFound

TOPIC = "posts"
NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class MarbleAdded:
    """A marble went into a jar."""

    TYPE = "toy.marble-added.v1"
    jar: str
    marbles: int = 1
    name: str | None = None
    poison: bool = False  # its views raise
    bulk: int = 0  # bytes that it adds to a document
    depth: int = 0  # how deep a document becomes


@dataclass(frozen=True)
class Jar:
    """How many marbles a jar holds."""

    marbles: int = 0


@dataclass(frozen=True)
class Name:
    """Which jar carries a name."""

    jar: str | None = None


@dataclass(frozen=True)
class AddMarble:
    """Put marbles into a jar; at most so many fit."""

    jar: str
    room: int = 1_000_000
    onto: int = 0  # marbles that have to be there
    name: str | None = None
    relies_on: str | None = None


def evolve_jar(jar: Jar, event: MarbleAdded) -> Jar:
    """What a jar becomes."""
    if event.poison:
        raise ValueError("the marble is poisoned")
    return Jar(jar.marbles + event.marbles)


def evolve_name(_: Name, event: MarbleAdded) -> Name:
    """What a name becomes."""
    return Name(event.jar)


def decide(jar: Jar, command: AddMarble, others: Others) -> Decision[MarbleAdded] | None:
    """Decide: a full jar refuses, and so does one without the marbles to put these onto; an empty name is taken."""
    if command.room == 0:
        return None
    if jar.marbles < command.onto:
        raise NotFound("there are no such marbles")
    if jar.marbles >= command.room:
        raise Conflict("the jar is full")
    claims = []
    if command.name is not None:
        if others[f"name:{command.name}"].jar is not None:
            raise NotFound("the name is taken")
        claims.append(f"name:{command.name}")
    reads = [f"jar:{command.relies_on}"] if command.relies_on else []
    return Decision(MarbleAdded(jar=command.jar, name=command.name), claims=claims, reads=reads)


def total(doc: Doc | None, event: MarbleAdded) -> Doc:
    """A view that is no decision: how often a jar was filled."""
    before = doc or {"times": 0, "marbles": 0}
    evolved = {"times": before["times"] + 1, "marbles": before["marbles"] + event.marbles}
    if event.bulk or "bulk" in before:
        evolved["bulk"] = before.get("bulk", "") + "x" * event.bulk
    within = before.get("within")
    for _ in range(event.depth):
        within = {"within": within}
    if within is not None or event.depth:
        evolved["within"] = within
    return evolved


def label(doc: Doc) -> Doc:
    """A costly field."""
    if doc["marbles"] < 0:
        raise ValueError("a jar of holes has no label")
    return {**doc, "label": f"{doc['marbles']} marbles"}


JARS = Aggregate(kind="jar", view="jars", state=Jar, evolve=evolve_jar)
NAMES = Aggregate(kind="name", view="names", state=Name, evolve=evolve_name)
TOTALS = View(name="totals", route=lambda event: [event.jar], evolve=total, derive=label)
PROJECTION = Projection(name="toy", version=1, topics=(TOPIC,), views=(JARS.decision_view(), NAMES.decision_view(), TOTALS))


class PlainFacts(JsonFacts):
    """Facts as JSON: nothing is sealed."""

    def __init__(self) -> None:
        super().__init__(MarbleAdded)


def call(*, key: str = "k", name: str | None = None, command_id: UUID | None = None, **more: Any) -> Call:
    """A call that goes to one partition key; with `name`, one that the client named."""
    return Call(topic=TOPIC, key=key, command_id=command_id or uuid4(), actor="somebody", now=NOW, repeatable=name is not None, **more)
