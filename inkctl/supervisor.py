"""Runs the programs of an Inkstream: in order up, in reverse order down, and in between it brings back what dies."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import TypedDict

from inkctl import disk
from inkctl.home import Home
from inkctl.keeper import Keeper, Notice
from inkctl.parts.cache import ROOT
from inkctl.programs import Program, State
from inkctl.rotation import RotatingFile

LOOK_AT_DISK_SECONDS = 10.0


class Row(TypedDict):
    """How one program is doing, as `status` tells it."""

    name: str
    pid: int | None
    port: int
    state: str


class Supervisor:
    """Has a keeper for every program; those of one stage start and stop together."""

    def __init__(self, home: Home, stages: Sequence[Sequence[Program]], notice: Notice) -> None:
        self._home = home
        self._notice = notice
        self._stages = [[self._keeper(program) for program in stage] for stage in stages]

    async def start(self, number: int) -> None:
        """Start a stage, and return once all of it serves.

        Raises the first `Failed`; the others of the stage are then still to be stopped.
        """
        await asyncio.gather(*(keeper.start() for keeper in self._stages[number]))

    async def stop(self) -> None:
        """Stop everything, the last stage first."""
        for stage in reversed(self._stages):
            await asyncio.gather(*(keeper.stop() for keeper in stage))

    def kill(self) -> None:
        """End every process at once, for those who can not wait for `stop`."""
        for keeper in self._keepers():
            keeper.kill()

    async def restart(self, names: Iterable[str]) -> None:
        """Start these programs anew."""
        wanted = set(names)
        await asyncio.gather(*(keeper.restart() for keeper in self._keepers() if keeper.program.name in wanted))

    def status(self) -> list[Row]:
        """Tell how every program is doing."""
        return [
            Row(name=keeper.program.name, pid=keeper.pid, port=keeper.program.port, state=str(keeper.state)) for keeper in self._keepers()
        ]

    def all_ready(self) -> bool:
        """Whether everything serves."""
        return all(keeper.state is State.READY for keeper in self._keepers())

    async def watch_disk(self) -> None:
        """Say, for ever, when the disk becomes full and when there is room again."""
        full = False
        while True:
            words = disk.complaint(self._home.folder)
            if bool(words) != full:
                full = bool(words)
                self._notice("disk", State.FAILED if words else State.READY, words or "there is room again")
            await asyncio.sleep(LOOK_AT_DISK_SECONDS)

    def _keepers(self) -> list[Keeper]:
        return [keeper for stage in self._stages for keeper in stage]

    def _keeper(self, program: Program) -> Keeper:
        return Keeper(program, RotatingFile(self._home.logs / f"{program.name}.log"), ROOT, self._notice)
