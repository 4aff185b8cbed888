"""Engines of a test's own, which it may kill: they are brought back as the supervisor does."""

import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from inkctl.keeper import Keeper
from inkctl.programs import Program, State
from inkctl.rotation import RotatingFile
from tests.kit.notices import Notices

Keep = Callable[[Program], Awaitable[Keeper]]


@pytest.fixture
def notices() -> Notices:
    return Notices()


@pytest.fixture
async def keep(tmp_path: Path, notices: Notices) -> AsyncIterator[Keep]:
    keepers: list[Keeper] = []

    async def start(program: Program) -> Keeper:
        keeper = Keeper(program, RotatingFile(tmp_path / f"{program.name}-{len(keepers)}.log"), tmp_path, notices)
        keepers.append(keeper)
        await keeper.start()
        return keeper

    yield start

    for keeper in keepers:
        await keeper.stop()


async def killed(keeper: Keeper, notices: Notices) -> None:
    """Kill it, and wait until it serves again."""
    served = notices.states(keeper.program.name).count(State.READY)
    os.kill(keeper.pid or 0, signal.SIGKILL)
    await notices.until(lambda: notices.states(keeper.program.name).count(State.READY) > served, seconds=90)
