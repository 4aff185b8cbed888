"""What every measurement needs: Kafka and MongoDB of its own, and figures that can be compared."""

import asyncio
import math
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.kit import processes


@contextmanager
def engines() -> Iterator[tuple[str, str]]:
    """Kafka and MongoDB in a folder that is gone afterwards; their addresses."""
    print("starting Kafka and MongoDB …", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="inkstream-bench-") as folder,
        processes.kafka(Path(folder) / "kafka") as kafka,
        processes.mongo(Path(folder) / "mongo") as mongo,
    ):
        yield kafka, mongo


@dataclass(frozen=True)
class Figures:
    """How often something was done in a second, and how long it took, in milliseconds."""

    per_second: float
    p50: float
    p99: float

    def __str__(self) -> str:
        return f"{self.per_second:8,.0f}/s   p50 {self.p50:6.1f} ms   p99 {self.p99:6.1f} ms"


async def measured(callers: int, seconds: float, act: Callable[[int, int], Awaitable[object]]) -> Figures:
    """Let so many callers act one after the other each, for so long; `act` gets the caller's number and how often it has acted."""
    took: list[float] = []
    begun = time.perf_counter()
    end = begun + seconds

    async def caller(number: int) -> None:
        count = 0
        while (before := time.perf_counter()) < end:
            await act(number, count)
            count += 1
            took.append(time.perf_counter() - before)

    await asyncio.gather(*(caller(number) for number in range(callers)))
    took.sort()
    return Figures(len(took) / (time.perf_counter() - begun), 1000 * _at(took, 0.5), 1000 * _at(took, 0.99))


def _at(ordered: list[float], share: float) -> float:
    return ordered[math.ceil(share * len(ordered)) - 1]
