"""The loop that the simulation runs on."""

import asyncio
from collections.abc import Iterator
from random import Random

import pytest

from tests.simulation.loop import Stuck, VirtualLoop, context_of, run


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    loop = VirtualLoop(Random(1))
    yield loop
    loop.close()


def test_an_hour_passes_at_once_and_timers_come_in_their_order(loop: VirtualLoop) -> None:
    seen: list[tuple[str, int]] = []

    async def waits(name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        seen.append((name, int(loop.time())))

    async def all_wait() -> None:
        await asyncio.gather(waits("long", 3600), waits("short", 60), waits("first", 1))

    run(loop, all_wait())

    assert [("first", 1), ("short", 60), ("long", 3600)] == seen


def test_of_a_halted_process_nothing_runs_until_it_goes_on(loop: VirtualLoop) -> None:
    seen: list[float] = []

    async def ticks() -> None:
        while True:
            await asyncio.sleep(1)
            seen.append(loop.time())

    async def watches() -> None:
        ticking = loop.create_task(ticks(), context=context_of("one"))
        await asyncio.sleep(2.5)
        loop.halt("one")
        await asyncio.sleep(10)
        assert 2 == len(seen)
        loop.go_on("one")
        await asyncio.sleep(2)
        ticking.cancel()

    run(loop, watches())

    assert [1, 2, 12, 13] == [int(moment) for moment in seen]


def test_callbacks_of_one_process_run_in_their_order_and_those_of_two_in_any(loop: VirtualLoop) -> None:
    seen: list[str] = []
    contexts = {name: context_of(name) for name in "ab"}

    async def calls() -> None:
        for number in range(20):
            for name, context in contexts.items():
                loop.call_soon(seen.append, f"{name}{number}", context=context)
        await asyncio.sleep(1)

    run(loop, calls())

    for name in contexts:
        assert [f"{name}{number}" for number in range(20)] == [each for each in seen if each[0] == name]
    assert sorted(seen, key=lambda each: int(each[1:])) != seen


def test_what_runs_on_a_thread_elsewhere_runs_later_here(loop: VirtualLoop) -> None:
    def fails() -> None:
        raise ValueError("no")

    async def asks() -> int:
        with pytest.raises(ValueError, match="no"):
            await asyncio.to_thread(fails)
        return await asyncio.to_thread(int, "7")

    assert 7 == run(loop, asks())
    assert loop.time() > 0


def test_who_waits_for_nothing_is_told(loop: VirtualLoop) -> None:
    async def waits() -> None:
        await loop.create_future()

    with pytest.raises(Stuck):
        run(loop, waits())
