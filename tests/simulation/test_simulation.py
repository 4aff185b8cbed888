"""Whatever fails at whatever moment, every promise of the engine is kept."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from eventlog.memoryleases import MemoryLeases
from eventlog.record import Partition
from tests.simulation.running import main, report
from tests.simulation.schedule import LONG, SHORT, Result, Size, simulate
from tests.simulation.weather import Weather

STEADY = Size(processes=3, clients=3, commands=4, events=0, strangers=3)
FAIR = Weather(slow=0.3, delay=0.002)


@pytest.mark.timeout(3600)  # two minutes where nobody else uses the machine
@pytest.mark.parametrize("size", [SHORT, LONG], ids=["short", "long"])
def test_no_schedule_breaks_a_promise(size: Size, beside: dict[Size, Iterator[Result]]) -> None:
    wrong = [report(result, size) for result in beside[size]]

    assert not wrong, "\n".join(wrong[:5])


def test_a_seed_is_the_same_history_in_every_process() -> None:
    command = [sys.executable, "-m", "tests.simulation", "--long", "--seed", "3"]

    first, second = (
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout  # noqa: S603 - our own
        for seed in ("1", "2")
    )

    assert first.decode().endswith("answers\n")
    assert first == second


def test_a_schedule_that_is_wrong_is_told_with_its_seed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("tests.simulation.stored.store", lambda *_: iter(["the store is upside down"]))

    code = main(["--seed", "7"])

    assert 1 == code
    assert "seed 7 (to see it again: python -m tests.simulation --seed 7)\n  the store is upside down" in capsys.readouterr().out


def doubled(schedules: int) -> int:
    """Batches that were made for nothing in a world in which nothing fails: somebody else had committed the same records."""
    return sum(simulate(seed, STEADY, weather=FAIR).lost for seed in range(schedules))


def test_in_the_steady_state_no_work_is_done_twice() -> None:
    assert 0 == doubled(100)


def test_without_leases_work_is_done_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    async def all_of_them(self: MemoryLeases, *_: object) -> frozenset[Partition]:
        self.held = self.judging = frozenset(self._places.values())
        return self.held

    monkeypatch.setattr(MemoryLeases, "renew", all_of_them)

    assert doubled(10) > 0
