"""Kafka and MongoDB for tests: containers where a Docker engine answers, else embedded processes.

`INKSTREAM_TEST_ENGINES` chooses: `containers`, `embedded`, or `auto` (the default). The run says which.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from pymongo import MongoClient

from tests.kit import containers, processes

KIND = pytest.StashKey[tuple[str, str]]()


def choose() -> tuple[str, str]:
    """Which engines the tests use, and why."""
    wanted = os.environ.get("INKSTREAM_TEST_ENGINES", "auto")
    if wanted not in {"auto", "containers", "embedded"}:
        pytest.exit(f"INKSTREAM_TEST_ENGINES is {wanted!r}; it can be auto, containers or embedded", returncode=4)
    if wanted == "embedded":
        return "embedded", "as INKSTREAM_TEST_ENGINES says"
    obstacle = containers.obstacle()
    if obstacle is None:
        return "containers", f"{containers.KAFKA_IMAGE} and {containers.MONGO_IMAGE}"
    if wanted == "containers":
        pytest.exit(f"INKSTREAM_TEST_ENGINES=containers, but {obstacle}", returncode=4)
    return "embedded", obstacle


def pytest_report_collectionfinish(config: pytest.Config, items: list[pytest.Item]) -> str:
    """Say which engines the tests run on, if any of them needs one."""
    if not any({"kafka", "mongo"} & set(getattr(item, "fixturenames", ())) for item in items):
        return "engines: none needed"
    kind, reason = config.stash.setdefault(KIND, choose())
    return f"engines: {kind} ({reason})"


@pytest.fixture(scope="session")
def engines(request: pytest.FixtureRequest) -> str:
    """`containers` or `embedded`."""
    if KIND not in request.config.stash:
        request.config.stash[KIND] = choose()
    return request.config.stash[KIND][0]


@pytest.fixture(scope="session")
def kafka(engines: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The bootstrap server of a Kafka that the whole run shares; no topic is in it but those that tests make."""
    with ExitStack() as stack:
        if engines == "containers":
            yield stack.enter_context(containers.kafka())
        else:
            yield stack.enter_context(processes.kafka(tmp_path_factory.mktemp("kafka")))


@pytest.fixture(scope="session")
def mongo(engines: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a MongoDB, a replica set of one, that the whole run shares."""
    with ExitStack() as stack:
        if engines == "containers":
            yield stack.enter_context(containers.mongo())
        else:
            yield stack.enter_context(processes.mongo(Path(tmp_path_factory.mktemp("mongo"))))


@pytest.fixture
def topic_prefix() -> str:
    """A prefix for the names of topics that no other test has."""
    return f"test-{uuid4().hex[:12]}."


@pytest.fixture
def database_prefix(mongo: str) -> Iterator[str]:
    """A prefix for the names of databases that no other test has; those databases are dropped afterwards."""
    prefix = f"test_{uuid4().hex[:12]}_"

    yield prefix

    with MongoClient[dict[str, object]](mongo) as client:
        for name in client.list_database_names():
            if name.startswith(prefix):
                client.drop_database(name)
