"""One schedule: a seed decides what clients want, what goes wrong, and who runs when; then the world heals, and everything is checked."""

import asyncio
import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from uuid import UUID

from eventlog.deciding import Behind, Outcome
from eventlog.progress import Token
from eventlog.record import Claim
from eventlog.referee import Heading, Verdict
from eventlog.tip import Tip
from eventlog.topics import TOPICS
from events.refusals import Refused
from tests.kit import toy
from tests.simulation import programs
from tests.simulation.checks import Told, check
from tests.simulation.clients import Clients, Command
from tests.simulation.loop import VirtualLoop, run
from tests.simulation.model import PARTITIONS
from tests.simulation.stored import again
from tests.simulation.weather import Weather, drawn
from tests.simulation.world import LEASE_MS, Process, World

TRIES = 4  # of a command when nothing fails any more: who led may have died just before
REBUILT = 10  # every so many schedules the views are rebuilt from the log, and the log is folded as the published kit does
HEALING = 60.0  # seconds within which everything has to be caught up once nothing fails any more
CALM = Weather()


@dataclass(frozen=True)
class Size:
    """How much happens in a schedule at most."""

    processes: int
    clients: int
    commands: int  # of each client
    events: int  # kills, stops and freezes
    strangers: int  # records that no handler has made
    twice: float = 0.15  # share of the commands that are called twice at once
    giving_up: float = 0.15  # share of the times that a client that was not told gives its command up


SHORT = Size(processes=3, clients=2, commands=2, events=2, strangers=2)
LONG = Size(processes=3, clients=5, commands=8, events=8, strangers=8)


@dataclass
class Result:
    """What came of a schedule."""

    seed: int
    violations: list[str]
    lost: int  # batches that another process had committed before
    records: int
    answers: int
    steps: int
    seconds: float  # on the world's clock
    notes: list[str]


def simulate(seed: int, size: Size = SHORT, *, weather: Weather | None = None, noting: bool = False) -> Result:
    """Run a schedule. The same seed, size and weather give the same history, as long as strings have the same hashes."""
    chance = Random(seed)
    loop = VirtualLoop(chance)
    any_weather, rollout = drawn(chance), programs.drawn(chance)
    world = World(loop, replace(weather) if weather is not None else any_weather, rollout)
    if noting:
        world.notes = []
    clients = Clients(world, twice=size.twice, giving_up=size.giving_up)
    collecting = gc.isenabled()
    gc.disable()  # what the collector finalises, and when, would be chance that no seed gives
    logging.disable(logging.CRITICAL)
    try:
        with _small(), _witnessed() as told:
            run(loop, _history(world, clients, size))
            violations = list(check(world, clients, told))
            if not violations and seed % REBUILT == 0:
                violations += run(loop, again(world))
            answers = sum(len(command.answers) for command in clients.commands)
            records = sum(map(len, world.log.memory.records.values()))
            result = Result(seed, violations, world.lost(), records, answers, loop.steps, loop.time(), world.notes or [])
            run(loop, world.end())
    finally:
        logging.disable(logging.NOTSET)
        loop.close()
        if collecting:
            gc.enable()
    return result


@contextmanager
def _small() -> Iterator[None]:
    """A topic of few partitions: that most of twelve are idle says nothing, and takes a quarter of the time."""
    topic, usual = TOPICS[toy.TOPIC], TOPICS[toy.TOPIC].partitions
    object.__setattr__(topic, "partitions", PARTITIONS)
    try:
        yield
    finally:
        object.__setattr__(topic, "partitions", usual)


@contextmanager
def _witnessed() -> Iterator[Told]:
    """Note down whatever tips come to."""
    told: Told = []
    take = Tip.take

    def noted(self: Tip, offset: int, heading: Heading | None, **more: Any) -> Verdict | None:
        verdict = take(self, offset, heading, **more)
        if verdict is not None and heading is not None:
            told.append((heading.attempt, offset, verdict.value))
        return verdict

    Tip.take = noted  # type: ignore[method-assign]  # looks on, and changes nothing
    try:
        yield told
    finally:
        Tip.take = take  # type: ignore[method-assign]  # the same


async def _history(world: World, clients: Clients, size: Size) -> None:
    chance = world.chance
    for number in range(chance.randint(1, size.processes)):
        world.start(f"r{number}")
    working = [asyncio.ensure_future(clients.work(size.commands)) for _ in range(size.clients)]
    troubles = [asyncio.ensure_future(_trouble(world, size)), asyncio.ensure_future(_strangers(world, size))]
    await asyncio.gather(*working)
    for trouble in troubles:
        trouble.cancel()
    await asyncio.wait(troubles)
    await _heal(world, clients)


async def _trouble(world: World, size: Size) -> None:
    chance = world.chance
    for _ in range(chance.randint(0, size.events)):
        await asyncio.sleep(chance.expovariate(3))
        if not world.processes:
            continue
        process = chance.choice(world.processes)
        roll = chance.random()
        if roll < 0.1 and process.up:
            process.ask(lambda on: on.ledger.retry())
        elif roll < 0.5:
            world.kill(process)
        elif roll < 0.6:
            await world.stop(process)
        elif process.alive:
            await world.freeze(process, chance.choice([0.5, 2.0, 1.5 * LEASE_MS / 1000]))


async def _strangers(world: World, size: Size) -> None:
    """Records that no handler of this program has appended: other programs, malformed ones, poison."""
    chance = world.chance
    for _ in range(chance.randint(0, size.strangers)):
        await asyncio.sleep(chance.expovariate(5))
        kind = chance.choice(["good", "good", "stale", "malformed", "misplaced", "relying", "poison"])
        jar, key = ("p", "one") if kind == "poison" else chance.choice([("a", "one"), ("b", "one"), ("c", "two")])
        place = toy.call(key=key).place
        version = sum(f'"jar:{jar}"'.encode() in dict(record.headers)["ce_expects"] for record in world.log.memory.records[place])
        expects = {f"jar:{jar}": 0 if kind == "poison" else max(0, version + chance.choice([0, 0, -1, 1]))}
        if kind == "stale":
            expects = {f"jar:{jar}": chance.choice([0, 1, 7])}
        reads = {"jar:b": chance.choice([0, 1])} if kind == "relying" and jar == "a" else {}
        attempt = UUID(int=chance.getrandbits(128))
        event = toy.MarbleAdded(jar=jar, poison=kind == "poison")
        claim = Claim(
            attempt=attempt,
            type=event.TYPE,
            source="/stranger",
            subject=f"jar:{jar}",
            time=toy.NOW,
            command=attempt,
            expects=expects,
            reads=reads,
            actor="stranger",
            request="",
        )
        headers = claim.headers()
        if kind == "malformed":
            bad = chance.choice([b'{"jar:a":true}', b'{"jar:a":-1}', b'{"jar:a":0,"jar:a":0}', b"[]", b"{", b'{"jar:a":1.0}'])
            headers = [(name, bad if name == "ce_expects" else value) for name, value in headers]
        key = key + "'" if kind == "misplaced" else key
        for _ in range(2 if chance.random() < 0.2 else 1):
            world.log.land(place, key.encode(), toy.PlainFacts().encode(event, attempt), headers)
        world.note(f"a stranger's record: {kind} {expects} {reads}")


async def _heal(world: World, clients: Clients) -> None:
    """Nothing fails any more: everything catches up, whoever was not told asks again, and what is late lands, before and after that."""
    vars(world.weather).update(vars(CALM))
    world.note("the world heals")
    for process in world.processes:
        world.loop.go_on(process.id)
        process.trouble.clear_up()
    world.chance.shuffle(world.log.late)
    for landing in world.log.late[: len(world.log.late) // 2]:
        landing()
        world.log.late.remove(landing)
    await world.roll_out()
    if not await _caught_up(world):
        return
    for command in [each for each in clients.commands if each.named and each.answers[-1].vague]:
        await _insist(clients, command)
    for process in list(world.processes):
        await _insist(clients, clients.command({}, named=True), process)
    world.log.land_all()
    await _caught_up(world)


async def _insist(clients: Clients, command: Command, process: Process | None = None) -> None:
    """Call a command until it is known what became of it: it has to be, after a while."""
    for _ in range(TRIES):
        said = await clients.call(command, Token(), process=process)
        if isinstance(said, Outcome | Refused) or (isinstance(said, Behind) and said.parked):
            return
    clients.world.violations.append(f"command {command.id} is not answered when nothing fails any more: {said!r}")


async def _caught_up(world: World) -> bool:
    """Wait until every process has seen all that the log holds."""
    deadline = world.loop.time() + HEALING
    while world.loop.time() < deadline:
        ends = world.log.ends(world.log.memory.records)
        up = [process for process in world.processes if process.up]
        here = up and len(up) == len(world.processes) and {process.program for process in up} >= set(world.rollout.end)
        if here and all(not process.projector.progress.missing(ends) for process in up) and not _uncured(world):
            return True
        waiting = next((process for process in up if process.projector.progress.missing(ends)), None)
        if waiting is not None:
            await waiting.projector.progress.reached(ends, 1.0)
        else:
            await asyncio.sleep(0.2)
    world.violations.append("not everything is caught up when nothing fails any more")
    return False


def _uncured(world: World) -> bool:
    """Whether something is parked that a program has not tried which digests everything."""
    return all(program.heals for program in world.rollout.end) and bool(world.store.collections["parked"])
