"""Keeps one program running: starts it, starts it again whenever it dies, and stops it when told to."""

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import Process
from collections.abc import Callable, Sequence
from pathlib import Path

from inkctl.failures import Failed
from inkctl.parts.spawn import tie_to_parent
from inkctl.programs import Program, State
from inkctl.rotation import RotatingFile

# Seconds before each further try; a program that served for a while begins anew with the first.
DELAYS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
TRIES_AT_FIRST = 3
SETTLED_SECONDS = 20.0
ASK_SECONDS = 0.1
LAST_LINES = 15

Notice = Callable[[str, State, str], None]


class Keeper:
    """One program and the process that it is at the moment.

    `notice(name, state, detail)` is called at each change of state.
    """

    def __init__(self, program: Program, log: RotatingFile, folder: Path, notice: Notice, delays: Sequence[float] = DELAYS) -> None:
        self.program = program
        self.log = log
        self.state = State.STOPPED
        self._folder = folder
        self._notice = notice
        self._delays = delays
        self._process: Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._first: asyncio.Future[None] | None = None
        self._wanted_down = asyncio.Event()
        self._restarting = False

    @property
    def pid(self) -> int | None:
        """The process itself; None while there is none."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Start, and return once the program serves for the first time.

        Raises `Failed` when it dies three times before that, or does not serve in time.
        """
        self._wanted_down.clear()
        self._first = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._keep(), name=f"keep {self.program.name}")
        try:
            async with asyncio.timeout(self.program.start_seconds):
                await self._first
        except TimeoutError:
            raise self._failed(f"it did not serve within {self.program.start_seconds:.0f} s") from None

    async def stop(self) -> None:
        """Stop: SIGTERM, and SIGKILL for what is still there after the program's time to stop."""
        self._wanted_down.set()
        if self._task is None:
            return
        if self._first and not self._first.done():
            self._first.cancel()
        await self._end_process()
        await self._task
        self._task = None
        self._become(State.STOPPED)

    def kill(self) -> None:
        """End the process at once."""
        if self._process and self._process.returncode is None:
            self._signal(self._process, signal.SIGKILL)

    async def restart(self) -> None:
        """End the process; the next is started at once."""
        self._restarting = True
        await self._end_process()

    async def _keep(self) -> None:
        deaths = 0
        while not self._wanted_down.is_set():
            self._become(State.RESTARTING if deaths or self._restarting else State.STARTING)
            self._restarting = False
            lasted, reason = await self._live()
            if self._wanted_down.is_set():
                return
            deaths = 1 if lasted > SETTLED_SECONDS or self._restarting else deaths + 1
            if self._first and not self._first.done() and deaths >= TRIES_AT_FIRST:
                self._become(State.FAILED, reason)
                self._first.set_exception(self._failed(reason))
                return
            self._become(State.FAILED if deaths > len(self._delays) else State.RESTARTING, reason)
            await self._pause(self._delays[min(deaths, len(self._delays)) - 1])

    async def _live(self) -> tuple[float, str]:
        """Run one process from its start to its end; returns the seconds that it served and how it ended."""
        loop = asyncio.get_running_loop()
        try:
            await asyncio.to_thread(self.program.prepare)
            process = await self._spawn()
        except (OSError, Failed) as error:
            return 0.0, str(error)
        if self._wanted_down.is_set():  # told to stop while it was being started
            await self._end_process()
        serving = asyncio.create_task(self._until_it_serves())
        died = asyncio.create_task(process.wait())
        try:
            await asyncio.wait({serving, died}, return_when=asyncio.FIRST_COMPLETED)
            began = loop.time()
            if not died.done():
                self._become(State.READY)
                if self._first and not self._first.done():
                    self._first.set_result(None)
            code = await died
        finally:
            serving.cancel()
            died.cancel()
            self._signal(process, signal.SIGKILL)  # what the process itself started and left
        return (loop.time() - began if serving.done() and not serving.cancelled() else 0.0), _ending(code)

    async def _spawn(self) -> Process:
        reading, writing = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *self.program.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                cwd=self._folder,
                env={**os.environ, **self.program.environment},
                process_group=0,  # so that Ctrl-C in the terminal reaches us alone, and we stop things in order
                preexec_fn=tie_to_parent(),
            )
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        self._process = process
        pipe = os.fdopen(reading, "rb")
        await asyncio.get_running_loop().connect_read_pipe(lambda: _ToLog(self.log), pipe)
        return process

    async def _until_it_serves(self) -> None:
        while not await self.program.serves():  # noqa: ASYNC110 - it is another process, which sets no event of ours
            await asyncio.sleep(ASK_SECONDS)

    async def _end_process(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._signal(process, signal.SIGTERM)
        try:
            async with asyncio.timeout(self.program.stop_seconds):
                await process.wait()
        except TimeoutError:
            self._signal(process, signal.SIGKILL)
            await process.wait()

    def _signal(self, process: Process, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wanted_down.wait()

    def _become(self, state: State, detail: str = "") -> None:
        if state is not self.state or detail:
            self.state = state
            self._notice(self.program.name, state, detail)

    def _failed(self, reason: str) -> Failed:
        said = "\n".join(f"    {line}" for line in self.log.tail(LAST_LINES))
        why = f"{reason}; the last that it said:\n{said}" if said else reason
        return Failed(f"start of {self.program.name}", why, f"read {self.log.path}, then run the same command again")


class _ToLog(asyncio.Protocol):
    """Carries what a process says into its log file."""

    def __init__(self, log: RotatingFile) -> None:
        self._log = log

    def data_received(self, data: bytes) -> None:
        self._log.write(data)


def _ending(code: int) -> str:
    if code < 0:
        return f"ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
