"""Clients: they call commands by name or without, repeat them on any process, give them up, ask what became of them, and read."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from eventlog.deciding import Behind, Outcome, Unknown
from eventlog.partitioner import partition_of
from eventlog.progress import Token
from eventlog.record import Partition
from events.refusals import Refused
from tests.kit import toy
from tests.kit.toy import AddMarble
from tests.simulation.model import PARTITIONS
from tests.simulation.world import Lost, Process, World

PATIENCE = 20.0  # seconds that a client waits for an answer
# A jar and a name live in the partition of their key.
JARS = {"a": "one", "b": "one", "c": "two", "p": "one"}
PLACES = {key: Partition(toy.TOPIC, partition_of(key.encode(), PARTITIONS)) for key in ("one", "two")}
NAMES = {"one": ["red", "blue"], "two": ["green"]}


@dataclass
class Command:
    """What somebody wants, once, however often it is asked for."""

    id: UUID
    stream: str
    key: str
    add: AddMarble
    named: bool
    if_match: int | None
    answers: list["Answer"] = field(default_factory=list)


@dataclass
class Answer:
    """What a call of a command was answered: an Outcome, Refused, Behind, Unknown, or Lost. `begin` and `end` are lengths of the log."""

    request: str
    seen: int
    begin: int
    end: int
    said: Any

    @property
    def vague(self) -> bool:
        """Whether the call may have changed something or not."""
        return isinstance(self.said, Unknown | Lost)


@dataclass
class Asked:
    """What was said of a command's outcome (`accepted`, `closed`, `open`), or, when it was given up, whether it never took effect."""

    command: Command
    begin: int
    said: str | bool


@dataclass
class Seen:
    """A read: what a document held of a stream's version on a view that had passed a token."""

    stream: str
    key: str
    passed: int
    version: int


class Clients:
    """All clients of a world, and what they were told."""

    def __init__(self, world: World, *, twice: float, giving_up: float) -> None:
        self.world = world
        self.twice = twice
        self.giving_up = giving_up
        self.chance = world.chance
        self.commands: list[Command] = []
        self.asked: list[Asked] = []
        self.seen: list[Seen] = []

    async def work(self, commands: int) -> None:
        """What one client does."""
        token = Token()
        known: dict[str, int] = {}
        for _ in range(commands):
            await asyncio.sleep(self.chance.expovariate(20))
            command = self.command(known)
            if self.chance.random() < self.twice:
                both = await asyncio.gather(self.call(command, token), self.call(command, token) if command.named else self.read(token))
                said = both[0]
            else:
                said = await self.call(command, token)
            if isinstance(said, Outcome):
                token = token.merge(said.token)
                known[command.stream] = said.version
            elif command.named and not isinstance(said, Refused):
                token = token.merge(await self.settle(command, token))
            if self.chance.random() < 0.4:
                await self.read(token)

    def command(self, known: dict[str, int], *, named: bool | None = None) -> Command:
        """Some command."""
        chance = self.chance
        jar = "p" if chance.random() < 0.08 else chance.choice("aabc")
        key, stream = JARS[jar], f"jar:{jar}"
        add = AddMarble(
            jar,
            room=chance.choice([1_000_000, 1_000_000, 1_000_000, 2, 1, 0]),
            onto=chance.choice([0, 0, 0, 1]),
            name=chance.choice(NAMES[key]) if chance.random() < 0.2 else None,
            relies_on=("a" if jar == "b" else "b") if key == "one" and chance.random() < 0.2 else None,
        )
        if_match = known.get(stream) if chance.random() < 0.3 else None
        named = chance.random() < 0.7 if named is None else named
        command = Command(UUID(int=chance.getrandbits(128)), stream, key, add, named, if_match)
        self.commands.append(command)
        return command

    async def settle(self, command: Command, token: Token) -> Token:
        """What a client does that was not told what became of its command."""
        chance = self.chance
        for _ in range(3):
            await asyncio.sleep(chance.expovariate(3))
            roll = chance.random()
            if roll < self.giving_up:
                await self.give_up(command)
            elif roll < self.giving_up + 0.1:
                await self.outcome(command)
            else:
                said = await self.call(command, token, request="other" if chance.random() < 0.05 else "r")
                if isinstance(said, Outcome):
                    return said.token
                if isinstance(said, Refused):
                    break
        return Token()

    async def call(self, command: Command, token: Token, *, request: str = "r", process: Process | None = None) -> Any:
        """Call a command once; what was answered."""
        call = toy.call(
            key=command.key,
            command_id=command.id,
            name="named" if command.named else None,
            request=request,
            seen=token,
            if_match=command.if_match,
        )
        begin = self.length(command.key)
        said = await self.ask(lambda on: on.handler.handle(command.stream, command.add, toy.decide, call), process)
        command.answers.append(Answer(request, token.get(call.place, 0), begin, self.length(command.key), said))
        self.world.note(f"{command.stream} {str(command.id)[:4]} {command.add} if_match={command.if_match}: {said!r}")
        if not isinstance(said, Outcome | Refused | Behind | Unknown | Lost):
            self.world.violations.append(f"command {command.id} was answered by a fault: {said!r}")
        return said

    async def give_up(self, command: Command) -> None:
        """Give a command up, as DELETE does."""
        address = toy.call(key=command.key, command_id=command.id).address
        begin = self.length(command.key)
        said = await self.ask(lambda on: on.handler.close(address, by="somebody", now=toy.NOW))
        self._note(command, begin, said)

    async def outcome(self, command: Command) -> None:
        """Ask what became of a command, as GET does."""
        address = toy.call(key=command.key, command_id=command.id).address
        begin = self.length(command.key)
        said = await self.ask(lambda on: on.handler.outcome(address))
        self._note(command, begin, said)

    def _note(self, command: Command, begin: int, said: Any) -> None:
        self.world.note(f"{str(command.id)[:4]} is {said!r}")
        if isinstance(said, str | bool):
            self.asked.append(Asked(command, begin, said))
        elif not isinstance(said, Behind | Unknown | Lost):
            self.world.violations.append(f"what became of {command.id} was answered by a fault: {said!r}")

    async def read(self, token: Token) -> None:
        """Read what a token has seen."""
        for place in token:
            key = next(key for key in PLACES if PLACES[key] == place)
            stream = f"jar:{self.chance.choice([jar for jar in JARS if JARS[jar] == key])}"

            async def reading(on: Process, stream: str = stream) -> int | None:
                if not await on.projector.progress.passed(token, 2.0):
                    return None
                found: dict[str, dict[str, Any]] = await on.ledger.documents("jars", [stream])
                return int(found[stream]["version"]) if stream in found else 0

            said = await self.ask(reading)
            if isinstance(said, int):
                self.seen.append(Seen(stream, key, token[place], said))

    async def ask(self, question: Callable[[Process], Awaitable[Any]], process: Process | None = None) -> Any:
        """The answer of some process, or the exception that it came to."""
        while process is None:
            up = [each for each in self.world.processes if each.up]
            if up:
                process = self.chance.choice(up)
            else:
                await asyncio.sleep(0.2)
        answer = process.ask(question)
        late = self.world.loop.call_later(PATIENCE, _no_answer, answer)
        try:
            return await answer
        except Exception as error:  # noqa: BLE001 - whatever it is, it is looked at
            return error
        finally:
            late.cancel()

    def length(self, key: str) -> int:
        """How many records the partition of a key has now."""
        return len(self.world.log.memory.records[PLACES[key]])


def _no_answer(answer: "asyncio.Future[Any]") -> None:
    if not answer.done():
        answer.set_exception(Lost())
