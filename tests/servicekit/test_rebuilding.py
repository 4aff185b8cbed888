"""Views are made anew while everybody writes and reads: nobody sees anything old, missing or mixed, and going back is as smooth."""

import asyncio
import contextlib
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from rich.console import Console

from eventlog.generations import NoSuchGeneration
from eventlog.log import places_of
from eventlog.pruning import kept
from eventlog.record import Partition
from eventlog.topics import ensure
from inkctl import rebuilding
from inkctl.__main__ import main
from inkctl.report import Report
from servicekit import serving
from servicekit.engine import ENGINE
from servicekit.settings import Settings
from tests.kit import toy
from tests.kit.engine import replica, until
from tests.servicekit.marbles import Client, Toy, operated, running

pytestmark = pytest.mark.integration


@pytest.fixture
async def settings(kafka: str, mongo: str, topic_prefix: str, database_prefix: str) -> Settings:
    await ensure(kafka, prefix=topic_prefix)
    return Settings.model_validate(
        {
            "kafka": kafka,
            "mongo": mongo,
            "port": 0,
            "public_url": "http://localhost",
            "kek": secrets.token_urlsafe(32),
            "lookup_key": secrets.token_urlsafe(32),
            "topic_prefix": topic_prefix,
            "database_prefix": database_prefix,
            "lease_ms": 3000,  # a busy machine takes no lease away
        }
    )


@pytest.fixture
async def seen(settings: Settings) -> AsyncIterator[Toy]:
    async with operated(settings) as seen:
        yield seen


@pytest.fixture
def facts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The toy's events need no keys."""
    monkeypatch.setattr("servicekit.engine.Facts", lambda _: toy.PlainFacts())


@pytest.fixture
async def replicas(seen: Toy, facts: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[Client]]:
    monkeypatch.setattr(serving, "LOOK", 0.2)
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(running(seen, name)) for name in ("one", "two")]


@dataclass
class Traffic:
    """People who write and read all the time, through all replicas."""

    replicas: list[Client]
    served: set[str] = field(default_factory=set)  # the collections that were read
    reads: int = 0
    _stop: bool = False

    @contextlib.asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        """Go on until the block ends."""
        async with asyncio.TaskGroup() as group:
            for number, jar in enumerate("ab"):
                group.create_task(self._write_and_read(jar, number))
            for client in self.replicas:
                group.create_task(self._read(client, "a"))
            try:
                yield
            finally:
                self._stop = True

    async def _write_and_read(self, jar: str, number: int) -> None:
        count, token = 0, ""
        while not self._stop:
            count += 1
            by, through = (self.replicas[(number + count + n) % len(self.replicas)] for n in (0, 1))
            async with by.post(f"/api/toy/jars/{jar}", headers={"Consistency-Token": token}) as written:
                assert (200, count) == (written.status, (await written.json())["marbles"])
                token = written.headers["Consistency-Token"]
            shown = await self._show(through, jar, token)
            assert (count, count) == (shown["marbles"], shown["times"])

    async def _read(self, client: Client, jar: str) -> None:
        """Read without a token: what a replica has shown, it shows again."""
        least = 0
        while not self._stop:
            shown = await self._show(client, jar, "")
            assert least <= shown["times"] <= shown["marbles"]
            least = shown["marbles"]

    async def _show(self, client: Client, jar: str, token: str) -> dict[str, Any]:
        async with client.get(f"/api/toy/jars/{jar}", headers={"Consistency-Token": token}) as response:
            assert response.status == 200
            assert "Consistency" not in response.headers
            shown: dict[str, Any] = await response.json()
        [collection] = set(shown["collections"])  # never two generations in one answer
        self.served.add(collection)
        self.reads += 1
        return shown

    async def only(self, *collections: str) -> None:
        """Wait until nothing else is read."""
        for _ in range(100):
            self.served.clear()
            begun = self.reads
            await until(lambda: self.reads > begun + 20)  # noqa: B023 - it is awaited at once
            if self.served == set(collections):
                return
        raise AssertionError(self.served)


def judged(replicas: list[Client]) -> frozenset[Partition]:
    """What the replicas judge with the generation that they serve."""
    return frozenset[Partition]().union(*(client.app[ENGINE].projector.leases.judging for client in replicas))


def silent() -> Report:
    return Report(Console(quiet=True))


async def test_views_are_made_anew_under_load_and_gone_back_to_and_nobody_notices(seen: Toy, replicas: list[Client]) -> None:
    traffic = Traffic(replicas)
    async with traffic.flowing():
        await traffic.only("totals_v1")

        assert 1 == await rebuilding.rebuild(seen, silent())
        await traffic.only("totals_v1_g1")
        await until(lambda: frozenset(places_of(toy.PROJECTION.topics)) == judged(replicas))
        assert 0 == await rebuilding.back(seen, silent())
        await traffic.only("totals_v1")
        assert 1 == await rebuilding.back(seen, silent())
        await traffic.only("totals_v1_g1")

        assert ["toy_v1"] == await rebuilding.prune(seen, silent())
        await traffic.only("totals_v1_g1")

    assert {"toy_v1_g1": 2} == {each.label: each.replicas for each in await kept(seen.database)}
    assert {"jars_v1_g1"} == {name for name in await seen.database.list_collection_names() if name.startswith("jars")}
    async with running(seen, "three") as later:
        assert {"totals_v1_g1"} == set((await traffic._show(later, "a", ""))["collections"])


async def test_an_operator_sees_how_far_it_is_and_what_can_not_be(
    settings: Settings, replicas: list[Client], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inkctl.operating.operated", lambda _: operated(settings))
    monkeypatch.setattr("inkctl.commands.rebuild.SERVICES", ["posts_service"])
    yielding: list[int] = []
    monkeypatch.setattr(os, "nice", yielding.append)
    for _ in range(3):
        assert (await replicas[0].post("/api/toy/jars/a")).status == 200

    async def inkctl(*words: str) -> tuple[int, list[str]]:
        code = await asyncio.to_thread(main, ["rebuild", *words])
        return code, capsys.readouterr().out.splitlines()

    assert (1, []) == await inkctl("back", "posts_service")
    code, said = await inkctl("posts_service")
    assert (0, "posts_service serves generation 1") == (code, said[-1].partition(";")[0])
    assert [10] == yielding
    code, said = await inkctl("status")
    assert [
        "posts_service      toy_v1               ████████████████████████ 100% of 3 kept by 2 processes",
        "posts_service      toy_v1_g1            ████████████████████████ 100% of 3 served by 2 processes",
    ] == said
    assert (0, "posts_service serves generation 0 again") == (
        (await inkctl("back", "posts_service"))[0],
        "posts_service serves generation 0 again",
    )
    assert (0, ["posts_service: toy_v1_g1 taken away"]) == await inkctl("prune")
    assert (0, ["posts_service: nothing to take away"]) == await inkctl("prune", "posts_service")


async def test_what_is_behind_the_ledger_is_compared_with_the_log_as_far_as_it_is(
    seen: Toy, facts: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inkctl.operating.operated", lambda _: operated(seen.settings))
    async with running(seen, "one") as client:
        assert (await client.post("/api/toy/jars/a")).status == 200
        assert (await client.get("/api/toy/jars/a")).status == 200  # it waits for the ledger
    await seen.generations.begin()
    await seen.generation(1).ledger().prepare(places_of(toy.PROJECTION.topics))
    await seen.generations.serve(1)

    code = await asyncio.to_thread(main, ["verify", "posts_service"])

    said = capsys.readouterr().out
    assert 0 == code, said
    assert "posts_service at 0 records" in said


async def test_a_rebuild_that_was_given_up_is_taken_away_and_one_that_was_cut_off_goes_on(seen: Toy, replicas: list[Client]) -> None:
    assert (await replicas[0].post("/api/toy/jars/a")).status == 200
    assert (1, 1) == (await seen.generations.begin(), await seen.generations.begin())
    await seen.generation(1).ledger().prepare(places_of(toy.PROJECTION.topics))

    assert ["toy_v1_g1"] == await rebuilding.prune(seen, silent())

    assert 2 == await seen.generations.begin()
    with pytest.raises(NoSuchGeneration):
        await seen.generations.serve(1)
    assert 2 == await rebuilding.rebuild(seen, silent())


async def test_a_version_of_another_program_is_taken_away_only_when_nobody_feeds_it(seen: Toy, replicas: list[Client]) -> None:
    older = replace(toy.PROJECTION, version=0)
    database = seen.settings.database_prefix + "toy"
    async with replica(seen.log, seen.settings.mongo.get_secret_value(), database, projection=older) as running:
        await running.caught_up()
        assert [] == await rebuilding.prune(seen, silent())

    assert ["toy_v0"] == await rebuilding.prune(seen, silent())
    assert {"toy_v1"} == {each.label for each in await kept(seen.database)}
    assert not [name for name in await seen.database.list_collection_names() if name.endswith("_v0")]
