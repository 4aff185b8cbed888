"""A process changes over from one generation of its views to another: between requests, and never back in time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import groupby
from typing import Any, cast

import pytest

from eventlog.generations import Generations
from eventlog.progress import Progress, Token
from eventlog.record import Partition
from servicekit import serving
from servicekit.serving import Served, Serving
from tests.kit.engine import until

HERE = Partition("posts", 3)


class Feeding:
    """A projector that feeds as far as a test says."""

    def __init__(self) -> None:
        self.progress = Progress([HERE])
        self.judges = True
        self.runs = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Future[None]]:
        """See `eventlog.projector.Projector`."""
        self.runs = True
        yield asyncio.get_running_loop().create_future()
        self.runs = False


class World:
    """A process that serves what `known` says."""

    def __init__(self) -> None:
        self.known = Generations()
        self.fed: dict[int, Feeding] = {}
        self.looks: list[set[int]] = []  # at each look, which generations were to judge
        self.serving = Serving(self.make)

    def make(self, generation: int) -> Served:
        self.fed[generation] = Feeding()
        return Served(*cast("Any", (None, self.fed[generation], None)))

    async def look(self) -> Generations:
        self.looks.append({number for number, feeding in self.fed.items() if feeding.judges})
        return self.known

    def served(self) -> int:
        return next(number for number, feeding in self.fed.items() if feeding is cast("Any", self.serving.now.projector))

    async def serves(self, generation: int) -> None:
        await until(lambda: self.served() == generation)


@pytest.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr(serving, "LOOK", 0)
    world = World()
    async with world.serving.running(0, world.look):
        yield world


async def test_another_generation_is_served_once_it_has_come_as_far_and_shows_no_less(world: World) -> None:
    world.fed[0].progress.advance(HERE, 5)
    world.known = Generations(active=1, kept=(0, 1))
    await until(lambda: 1 in world.fed)
    assert 0 == world.served()

    world.fed[0].progress.advance(HERE, 7)
    world.fed[1].progress.advance(HERE, 5)
    await world.serves(1)

    assert Token({HERE: 7}) == world.serving.answered()
    assert not await world.serving.passed(world.serving.answered(), 0)
    assert world.fed[0].runs  # so that going back is as smooth


async def test_what_is_served_judges_and_the_one_before_lets_go_a_look_later(world: World) -> None:
    world.known = Generations(active=1, kept=(0, 1))
    await world.serves(1)
    await until(lambda: world.looks[-1] == {1})

    assert [{0}, {0, 1}, {1}] == [judging for judging, _ in groupby(world.looks)]


async def test_what_a_late_request_was_shown_is_shown_to_those_after_it(world: World) -> None:
    async def respond(_: object) -> Any:
        world.known = Generations(active=1, kept=(0, 1))
        await world.serves(1)
        world.fed[0].progress.advance(HERE, 8)

    await world.serving.middleware(cast("Any", None), respond)

    assert Token({HERE: 8}) == world.serving.answered()


async def test_what_is_kept_no_more_is_fed_until_its_last_request_is_answered(world: World) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    collections: list[bool] = []

    async def respond(_: object) -> Any:
        collections.append(world.serving.current().projector is cast("Any", world.fed[0]))
        begun.set()
        await go_on.wait()
        collections.append(world.serving.current().projector is cast("Any", world.fed[0]))

    request = asyncio.create_task(world.serving.middleware(cast("Any", None), respond))
    await begun.wait()
    world.known = Generations(active=1, kept=(1,))
    await world.serves(1)
    for _ in range(20):
        await asyncio.sleep(0)
    assert world.fed[0].runs

    go_on.set()
    await request
    assert [True, True] == collections
    await until(lambda: not world.fed[0].runs)
