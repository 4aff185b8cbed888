"""The many schedules begin when the tests do, and take what the processors have left over: most tests wait most of the time."""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.simulation.running import all_cores, failures
from tests.simulation.schedule import LONG, SHORT, Result, Size

SCHEDULES = int(os.environ.get("INKSTREAM_SCHEDULES", "20000"))
NICENESS = 19

Found = dict[Size, Iterator[Result]]
BEGUN = pytest.StashKey[tuple[ExitStack, Found]]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Begin with the schedules, if a test asks for them."""
    if session.config.option.collectonly or not any("beside" in getattr(item, "fixturenames", ()) for item in session.items):
        return
    stack = ExitStack()
    pool = stack.enter_context(all_cores(niceness=NICENESS))
    session.config.stash[BEGUN] = stack, {SHORT: failures(pool, SCHEDULES, SHORT), LONG: failures(pool, SCHEDULES // 100, LONG)}


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End them, whether they were asked for or not."""
    if BEGUN in session.config.stash:
        session.config.stash[BEGUN][0].close()


@pytest.fixture(scope="session")
def beside(request: pytest.FixtureRequest) -> Found:
    """The schedules in which something is wrong, of those that run beside the tests."""
    return request.config.stash[BEGUN][1]
