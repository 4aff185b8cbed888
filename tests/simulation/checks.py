"""What has to be true of every schedule once the world has healed."""

from collections.abc import Iterator, Mapping
from typing import Any

import bson

from eventlog.commands import ATTEMPTS, Address
from eventlog.deciding import Outcome
from eventlog.documents import OPTIONS
from eventlog.memoryledger import MemoryLedger
from eventlog.memorystore import MemoryStore
from eventlog.projector import Projector
from eventlog.record import Partition
from eventlog.testing import when_caught_up
from events.refusals import Refused, Stale
from tests.kit import toy
from tests.simulation.clients import PLACES, Answer, Asked, Clients, Command, Seen
from tests.simulation.faultyledger import PROGRAM
from tests.simulation.model import ACCEPTED, Fact, Folded, Now
from tests.simulation.world import World

Folds = Mapping[Partition, Folded]
Told = list[tuple[str, int, str]]  # what tips came to: an attempt, an offset, a verdict


def folded(world: World) -> Folds:
    """The whole log as the model has it."""
    return {place: Folded(place, records) for place, records in world.log.memory.records.items()}


def check(world: World, clients: Clients, told: Told) -> Iterator[str]:
    """Everything that is wrong."""
    yield from world.violations
    folds = folded(world)
    yield from store(world, folds)
    yield from early(folds, told)
    for command in clients.commands:
        fold = folds.get(PLACES[command.key])
        if fold is not None:
            yield from (f"command {command.id}: {wrong}" for wrong in answers(command, fold))
    for asked in clients.asked:
        fold = folds[PLACES[asked.command.key]] if asked.begin else None
        if fold is not None:
            yield from (f"command {asked.command.id} was said to be {asked.said!r}: {wrong}" for wrong in outcomes(asked, fold))
    for seen in clients.seen:
        yield from reads(seen, folds[PLACES[seen.key]])


def store(world: World, folds: Folds) -> Iterator[str]:
    """The store holds what the model holds."""
    expected: dict[str, dict[str, Any]] = {}
    positions: dict[str, Any] = {}
    parked: list[tuple[str, int, tuple[str, ...]]] = []
    for place, fold in folds.items():
        for name, docs in fold.documents.items():
            expected.setdefault(name, {}).update(docs)
        parked += fold.parked
        end = len(fold.facts)
        last = world.log.memory.records[place][-1].text("ce_id")[:64] if end else ""
        positions[str(place)] = {
            "next": end,
            "last": last,
            "toy_v1_fed": end,
            "toy_v1_parked": fold.parked[0][1] if fold.parked else None,
            "toy_v1_cured": 0,
        }
    actual = {name: {doc_id: _body(doc) for doc_id, doc in docs.items()} for name, docs in world.store.contents().items()}
    for name, docs in expected.items():
        if docs != actual.get(name, {}):
            yield f"the store's {name} are {_difference(docs, actual.get(name, {}))}"
    stands = {place: doc for place, doc in actual["positions"].items() if doc["next"]}
    if {place: doc for place, doc in positions.items() if doc["next"]} != stands:
        yield f"the store's positions are {_difference(positions, stands)}"
    waits = sorted((doc["place"], doc["offset"], tuple(doc["streams"])) for doc in actual.get("parked", {}).values())
    if sorted(parked) != waits:
        yield f"parked is {waits}, not {sorted(parked)}"


def _body(raw: bytes) -> dict[str, Any]:
    doc: dict[str, Any] = bson.decode(raw, OPTIONS)
    del doc["_id"]
    return doc


def _difference(expected: dict[str, Any], actual: dict[str, Any]) -> str:
    wrong = {each for each in expected.keys() | actual.keys() if expected.get(each) != actual.get(each)}
    return "; ".join(f"{each}: {actual.get(each)} instead of {expected.get(each)}" for each in sorted(wrong)[:3])


async def again(world: World) -> list[str]:
    """The log folded anew gives the same: by a rebuild into an empty store, byte for byte, and by the published kit."""
    log, facts = world.log.memory, toy.PlainFacts()
    rebuilt = MemoryStore()
    projector = Projector(log, MemoryLedger(rebuilt, toy.PROJECTION, program=PROGRAM), facts, replica="rebuild")  # type: ignore[arg-type]  # as tests' facts are
    async for _ in projector.fold_to(await log.ends(projector.places)):
        pass
    if rebuilt.contents() != world.store.contents():
        return [f"a rebuild is {_difference(world.store.contents(), rebuilt.contents())[:300]}"]
    documents = (await when_caught_up(log, toy.PROJECTION, facts)).documents
    for view in toy.PROJECTION.views:
        if documents[view.name] != {doc["_id"]: doc for doc in rebuilt.all(toy.PROJECTION.collection(view))}:
            return [f"the kit's {view.name} are {documents[view.name]}"]
    return []


def early(folds: Folds, told: Told) -> Iterator[str]:
    """What a tip came to is what the whole log says."""
    verdicts = {(fact.attempt, fact.offset): fact.verdict for fold in folds.values() for fact in fold.facts}
    for attempt, offset, verdict in told:
        if verdicts.get((attempt, offset)) != verdict:
            yield f"record {offset} was told early to be {verdict}, and is {verdicts.get((attempt, offset))}"


def answers(command: Command, fold: Folded) -> Iterator[str]:
    """The command took effect as often as its answers say, and each answer is true."""
    decided = _decided(command, fold)
    accepted = [fact for fact in decided if fact.verdict == ACCEPTED]
    if len(accepted) > 1:
        yield f"it was accepted {len(accepted)} times"
    applied = next((fact for fact in accepted if fact.expects), None)
    if applied and command.add.room == 0:
        yield "there was nothing to do, and it took effect"
    if applied and not any(isinstance(answer.said, Outcome) or answer.vague for answer in command.answers):
        yield "every call was refused, and it took effect"
    for answer in command.answers:
        if isinstance(answer.said, Outcome):
            yield from true(command, answer, answer.said, applied, fold)
        elif isinstance(answer.said, Refused):
            if applied and applied.offset < answer.begin and applied.request == answer.request:
                yield f"its repeat was refused: {answer.said!r}"
            elif not justified(command, answer, answer.said, fold, decided):
                yield f"it was refused without a reason: {answer.said!r}"


def true(command: Command, answer: Answer, said: Outcome, applied: Fact | None, fold: Folded) -> Iterator[str]:
    """An outcome is what the log says."""
    jar, place = command.add.jar, fold.place
    if said.version < fold.moments[answer.seen].versions.get(command.stream, 0):
        yield f"its outcome is older than what its caller had seen: {said}"
    # What is confirmed again may be answered as of when it was made; that there was nothing to do was so while it was handled.
    since = answer.begin if command.add.room == 0 else 0
    known = {(moment.versions.get(command.stream, 0), moment.marbles.get(jar, 0)) for moment in fold.moments[since : answer.end + 1]}
    if (said.version, said.state.marbles) not in known:
        yield f"its outcome was never so: {said}"
    if command.add.room == 0:
        return
    if applied is None:
        yield f"it was confirmed, and took no effect: {said}"
        return
    version, offset = applied.expects[command.stream] + 1, applied.offset
    if applied.request != answer.request:
        yield f"another request was confirmed: {said}"
    if said.token.get(place, 0) <= offset:
        yield f"its token does not cover it: {said}"
    if said.repeated:
        if said.version < version:
            yield f"its repeat answers what was before it: {said}"
    elif (version, fold.moments[offset + 1].marbles.get(jar, 0)) != (said.version, said.state.marbles):
        yield f"its outcome is another: {said}"


def justified(command: Command, answer: Answer, said: Refused, fold: Folded, decided: list[Fact]) -> bool:
    """Whether there was a reason to refuse at any moment of the call."""
    before = [fact for fact in decided if fact.offset < answer.end]
    match said.code:
        case "command-closed":
            return any(fact.verdict == ACCEPTED and not fact.expects for fact in before)
        case "command-exhausted":
            return len(before) == ATTEMPTS and all(fact.verdict != ACCEPTED for fact in before)
        case "key-reused":
            return any(fact.request != answer.request for fact in before)
        case _:
            pass
    return any(_refuses(command, said, moment) for moment in fold.moments[answer.begin : answer.end + 1])


def _refuses(command: Command, said: Refused, moment: Now) -> bool:
    marbles = moment.marbles.get(command.add.jar, 0)
    match str(said):
        case "the jar is full":
            return marbles >= command.add.room
        case "there are no such marbles":
            return marbles < command.add.onto
        case "the name is taken":
            return command.add.name in moment.names
        case _:
            pass
    return isinstance(said, Stale) and moment.versions.get(command.stream, 0) == said.current_version != command.if_match


def outcomes(asked: Asked, fold: Folded) -> Iterator[str]:
    """What was said of a command stays true."""
    decided = _decided(asked.command, fold)
    accepted = next((fact for fact in decided if fact.verdict == ACCEPTED), None)
    applied = accepted is not None and bool(accepted.expects)
    match asked.said:
        case True | "closed" if applied:
            yield "it took effect"
        case False | "accepted" if not applied:
            yield "it took no effect"
        case "open" if accepted is not None and accepted.offset < asked.begin:
            yield "it was decided before"
        case True | "closed" if accepted is None and len(decided) < ATTEMPTS:
            yield "it is open"


def reads(seen: Seen, fold: Folded) -> Iterator[str]:
    """A view that has passed a token reflects it."""
    wanted = fold.moments[seen.passed].versions.get(seen.stream, 0)
    if seen.version < wanted:
        yield f"{seen.stream} was read at version {seen.version} with a token that had seen {wanted}"


def _decided(command: Command, fold: Folded) -> list[Fact]:
    attempts = Address(toy.TOPIC, command.key, command.id).attempts()
    return [fold.decided[attempt] for attempt in attempts if attempt in fold.decided]
