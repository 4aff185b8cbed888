"""An event loop on virtual time, on which several processes run that know nothing of each other.

Each callback belongs to a process. Those of one process run in their order, as asyncio has it; which process runs next is left to chance,
which is seeded. A process can be halted: nothing of it runs then, and its timers wait. When nothing is left to run the clock jumps to the
next timer. Nothing sleeps, nothing runs on threads, so that the same seed is the same history.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from random import Random
from typing import Any, TypeVar, TypeVarTuple

PROCESS: ContextVar[str] = ContextVar("PROCESS", default="")
STEP = 20e-6  # seconds that each callback takes

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Stuck(Exception):
    """Nothing can happen any more, and somebody still waits."""


class VirtualLoop(asyncio.BaseEventLoop):
    """See the module."""

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self.chance = chance
        self.steps = 0
        self._clock = 0.0
        self._queues: dict[str, deque[asyncio.Handle]] = {}
        self._halted: set[str] = set()
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._order = 0
        self.set_exception_handler(_ignore)

    def time(self) -> float:
        """Seconds since the world began."""
        return self._clock

    def halt(self, process: str) -> None:
        """Run nothing of a process until it goes on."""
        self._halted.add(process)

    def go_on(self, process: str) -> None:
        """Let a process run again."""
        self._halted.discard(process)

    def call_soon(self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None) -> asyncio.Handle:
        """See `asyncio.loop.call_soon`."""
        handle = asyncio.Handle(callback, args, self, context)
        self._enqueue(handle)
        return handle

    def call_soon_threadsafe(self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None) -> asyncio.Handle:
        """There are no threads."""
        return self.call_soon(callback, *args, context=context)

    def call_later(
        self, delay: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """See `asyncio.loop.call_later`."""
        return self.call_at(self._clock + delay, callback, *args, context=context)

    def call_at(self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None) -> asyncio.TimerHandle:
        """See `asyncio.loop.call_at`."""
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        self._order += 1  # of two timers for one moment the earlier one is first
        heapq.heappush(self._timers, (when, self._order, timer))
        return timer

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It is left out when its moment comes."""

    def _enqueue(self, handle: asyncio.Handle) -> None:
        process = handle._context.get(PROCESS, "")  # type: ignore[attr-defined]  # typeshed knows no context of a handle
        queue = self._queues.get(process)
        if queue is None:
            queue = self._queues[process] = deque()
        queue.append(handle)

    def _run_once(self) -> None:
        self.steps += 1
        self._clock += STEP
        timers = self._timers
        while True:
            while timers and timers[0][0] <= self._clock:
                timer = heapq.heappop(timers)[2]
                if not timer.cancelled():
                    self._enqueue(timer)
            ready = [queue for process, queue in self._queues.items() if queue and process not in self._halted]
            if ready:
                break
            if not timers:
                raise Stuck
            self._clock = max(self._clock, timers[0][0])
        handle = (ready[0] if len(ready) == 1 else ready[int(self.chance.random() * len(ready))]).popleft()
        if not handle.cancelled():
            handle._run()

    def run_in_executor(self, executor: Any, func: Callable[[*Ts], T], *args: *Ts) -> "asyncio.Future[T]":
        """What would run on a thread runs at a later moment of the loop's."""
        del executor
        future = self.create_future()

        def run() -> None:
            if future.done():
                return
            try:
                future.set_result(func(*args))
            except Exception as error:  # noqa: BLE001 - whoever waits is told, as by a thread
                future.set_exception(error)

        self.call_later(self.chance.random() * 0.01, run)
        return future


def _ignore(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What asyncio only reports says nothing here: a process that is killed leaves tasks behind."""


def context_of(process: str) -> Context:
    """A context whose callbacks belong to a process."""
    context = copy_context()
    context.run(PROCESS.set, process)
    return context


def run(loop: VirtualLoop, main: Coroutine[Any, Any, T]) -> T:
    """Run to its end what nobody's process does. Raises what it raises."""
    asyncio.set_event_loop(None)
    return loop.run_until_complete(main)
