"""What has to be true of every schedule once the world has healed."""

from collections.abc import Iterator

from eventlog.commands import ATTEMPTS, Address
from eventlog.deciding import Outcome
from events.refusals import Refused, Stale
from tests.kit import toy
from tests.simulation import stored
from tests.simulation.clients import PLACES, Answer, Asked, Clients, Command, Seen
from tests.simulation.model import ACCEPTED, Fact, Folded, Now
from tests.simulation.stored import Folds
from tests.simulation.world import World

Told = list[tuple[str, int, str]]  # what tips came to: an attempt, an offset, a verdict


def check(world: World, clients: Clients, told: Told) -> Iterator[str]:
    """Everything that is wrong."""
    yield from world.violations
    folds = stored.folded(world)
    yield from stored.store(world, folds)
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
