"""Running many schedules on all cores, or one again to see what happened: `python -m tests.simulation`."""

import argparse
import gc
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import chain

from tests.simulation.schedule import LONG, SHORT, Result, Size, simulate

CHUNK = 50  # schedules that a worker takes at once


@contextmanager
def all_cores(*, niceness: int = 0) -> Iterator[ProcessPoolExecutor]:
    """Processes that schedules can be run in; what has not begun when the block ends never does."""
    spawning = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(os.cpu_count(), mp_context=spawning, initializer=_prepare, initargs=(niceness,))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def failures(pool: ProcessPoolExecutor, schedules: int, size: Size, *, first: int = 0) -> Iterator[Result]:
    """Begin to run schedules; those in which something is wrong, as they are found."""
    starts = range(first, first + schedules, CHUNK)
    return chain.from_iterable(pool.map(partial(_chunk, end=first + schedules, size=size), starts))


def _prepare(niceness: int) -> None:
    os.nice(niceness)
    gc.collect()
    gc.freeze()  # what was imported need not be looked at again
    gc.disable()


def _chunk(start: int, *, end: int, size: Size) -> list[Result]:
    found = [result for seed in range(start, min(start + CHUNK, end)) if (result := simulate(seed, size)).violations]
    gc.collect()
    return found


def report(result: Result, size: Size) -> str:
    """What is wrong, and how to see it again."""
    again = f"python -m tests.simulation --seed {result.seed}{' --long' if size == LONG else ''}"
    return "\n  ".join((f"seed {result.seed} (to see it again: {again})", *result.violations))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; 1 where something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="run this schedule alone, and print what happens in it")
    parser.add_argument("--schedules", type=int, default=1000, help="run so many (default: 1000)")
    parser.add_argument("--first", type=int, default=0, help="the first one's seed (default: 0)")
    parser.add_argument("--long", action="store_true", help="with more clients, commands and trouble in each")
    asked = parser.parse_args(arguments)
    size = LONG if asked.long else SHORT
    if asked.seed is not None:
        result = simulate(asked.seed, size, noting=True)
        print("\n".join(result.notes))
        print(report(result, size) if result.violations else f"nothing is wrong: {result.records} records, {result.answers} answers")
        return int(bool(result.violations))
    begun, wrong = time.monotonic(), 0
    with all_cores() as pool:
        for result in failures(pool, asked.schedules, size, first=asked.first):
            wrong += 1
            print(report(result, size), flush=True)
    print(f"{asked.schedules:,} schedules in {time.monotonic() - begun:.0f} s, {wrong} of them wrong")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
