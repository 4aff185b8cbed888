"""A world of its own: one log, one store, and processes that are killed, frozen and started again on them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from random import Random
from typing import Any, TypeVar

from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from eventlog.handling import Handler
from eventlog.log import OutcomeUnknown
from eventlog.memorystore import MemoryStore
from eventlog.projector import Projector
from tests.kit import toy
from tests.simulation.faultyledger import FaultyLedger
from tests.simulation.faultylog import FaultyLog, SharedLog
from tests.simulation.loop import VirtualLoop, context_of
from tests.simulation.programs import Program, Rollout
from tests.simulation.weather import Landing, Trouble, Weather

LEASE_MS = 3000
MOMENT = 0.05  # seconds between two looks at what nothing tells

T = TypeVar("T")


class Lost(Exception):
    """The process that was asked is gone, or its answer did not come in time."""


class Process:
    """One replica of the toy service, from its start to its end."""

    def __init__(self, world: "World", name: str, number: int, program: Program) -> None:
        self.name = name
        self.program = program
        self.id = f"{name}#{number}"
        self.context = context_of(self.id)
        self.trouble = Trouble(world.chance, world.weather)
        self.ledger = FaultyLedger(world.store, program.projection, program.name, self.trouble, world.later)
        self.projector: Projector
        self.handler: Handler
        self.up = False
        self.alive = True
        self.ending = False
        self.requests: dict[asyncio.Future[Any], asyncio.Task[None]] = {}
        self._world = world
        self.main = world.loop.create_task(self._run(), context=self.context)
        world.tasks.append(self.main)

    async def _run(self) -> None:
        log: Any = FaultyLog(self._world.log, self.trouble)
        facts: Any = toy.PlainFacts()
        ledger: Any = self.ledger
        try:
            self.projector = Projector(log, ledger, facts, replica=self.name, lease_ms=LEASE_MS)
            self.handler = Handler(log, ledger, self.projector, facts, [self.program.jars, toy.NAMES], source="/toy")
            async with self.projector.running() as failed:
                self.up = True
                await failed
        except (PyMongoError, KafkaError, OutcomeUnknown) as error:
            self._world.note(f"{self.id} ends: {error!r}")
        except Exception as error:  # noqa: BLE001 - whatever else ends a process is what is looked for
            self._world.violations.append(f"{self.id} can not go on: {error!r}")
        finally:
            if self.alive:
                self.end()
                self._world.restart(self)

    def ask(self, question: Callable[["Process"], Awaitable[T]]) -> "asyncio.Future[T]":
        """Let the process do something; whoever asks waits for the future."""
        answer: asyncio.Future[T] = self._world.loop.create_future()

        async def answering() -> None:
            try:
                result = await question(self)
            except asyncio.CancelledError:
                _give(answer, error=Lost())
                raise
            except Exception as error:  # noqa: BLE001 - the client is told
                _give(answer, error=error)
            else:
                _give(answer, result)
            finally:
                self.requests.pop(answer, None)

        task = self._world.loop.create_task(answering(), context=self.context)
        self.requests[answer] = task
        self._world.tasks.append(task)
        return answer

    def end(self) -> None:
        """It is no more: whoever waits for it loses the connection."""
        self.alive = self.up = False
        for answer in list(self.requests):
            _give(answer, error=Lost())


class World:
    """Everything that there is, and what was found wrong with it."""

    def __init__(self, loop: VirtualLoop, weather: Weather, rollout: Rollout) -> None:
        self.rollout = rollout
        self.loop = loop
        self.chance: Random = loop.chance
        self.weather = weather
        self.store = MemoryStore()
        self.context = context_of("")
        self.log = SharedLog(self.later)
        self.processes: list[Process] = []
        self.ended: list[Process] = []
        self.tasks: list[asyncio.Task[Any]] = []  # of all processes: what is killed is put away at the very end
        self.violations: list[str] = []
        self.notes: list[str] | None = None
        self.rolled_out = self.over = False
        self._number = 0

    def note(self, what: str) -> None:
        """Remember what happened, if anybody wants to read it."""
        if self.notes is not None:
            self.notes.append(f"{self.loop.time():9.4f} {what}")

    def later(self, seconds: float, landing: Landing) -> None:
        """Let something happen after a while that no process can stop."""
        self.loop.call_later(seconds, landing, context=self.context)

    def start(self, name: str, program: Program | None = None) -> Process:
        """Start a process, of one of the programs that run."""
        self._number += 1
        process = Process(self, name, self._number, program or self.chance.choice(self.rollout.begin))
        self.processes.append(process)
        self.note(f"{process.id} starts, program {process.program.name}")
        return process

    def _start(self, name: str, program: Program | None) -> None:
        if not self.over:
            self.start(name, program)

    def kill(self, process: Process) -> None:
        """Nothing of a process runs any more from here on."""
        self.note(f"{process.id} is killed")
        self.loop.halt(process.id)
        process.end()
        self.restart(process)

    def bury(self, process: Process) -> None:
        """A process is no longer one of those that run."""
        if process in self.processes:
            self.processes.remove(process)
            self.ended.append(process)

    async def stop(self, process: Process) -> None:
        """Tell a process to end, as a deploy does."""
        self.note(f"{process.id} is told to end")
        process.up, process.ending = False, True
        for task in list(process.requests.values()):
            task.cancel()
        process.main.cancel()
        await asyncio.wait([process.main], timeout=10)
        if not process.main.done():
            self.kill(process)

    async def roll_out(self) -> None:
        """Let those programs run that are to run in the end, and no others."""
        self.rollout, self.rolled_out = replace(self.rollout, begin=self.rollout.end), True
        for process in [each for each in self.processes if each.program not in self.rollout.end]:
            await self.stop(process)
        for program in self.rollout.end:
            if program not in {process.program for process in self.processes if not process.ending}:
                self.start(f"last-{program.name}", program)

    async def freeze(self, process: Process, seconds: float) -> None:
        """Nothing of a process runs for a while."""
        self.note(f"{process.id} is frozen for {seconds:.1f} s")
        self.loop.halt(process.id)
        await asyncio.sleep(seconds)
        if process.alive:
            self.note(f"{process.id} goes on")
            self.loop.go_on(process.id)

    def lost(self) -> int:
        """How many batches came to nothing since another process had committed the same records before."""
        return sum(process.ledger.lost for process in (*self.processes, *self.ended))

    def restart(self, process: Process) -> None:
        """Start again, after a while, what ended, maybe under another name."""
        self.bury(process)
        name = process.name if self.chance.random() < 0.7 else f"{process.name}'"
        program = process.program if self.rolled_out and not process.ending else None
        self.later(self.chance.choice([0.05, 1.0, 4.0]), lambda: self._start(name, program))

    async def end(self) -> None:
        """Put everything away, the dead as well."""
        self.over = True
        for process in (*self.processes, *self.ended):
            process.alive = False
            self.loop.go_on(process.id)
        for _ in range(50):
            running = [task for task in self.tasks if not task.done()]
            if not running:
                return
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=1)


def _give(answer: "asyncio.Future[Any]", result: Any = None, *, error: Exception | None = None) -> None:
    if answer.done():
        return
    if error is not None:
        answer.set_exception(error)
        answer.exception()  # nobody may wait any more
    else:
        answer.set_result(result)
