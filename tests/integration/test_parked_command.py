"""`inkctl parked` on the real parts: what an operator sees of what waits, and has tried again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from eventlog.log import KafkaLog
from eventlog.mongoledger import MongoLedger
from inkctl.__main__ import main
from inkctl.commands import parked
from tests.kit import toy
from tests.kit.digestion import Digestion
from tests.kit.engine import Replica, put, replica
from tests.kit.toy import MarbleAdded, call

pytestmark = pytest.mark.integration

HERE = call().place


@dataclass
class Seen:
    """What `inkctl.operating.operated` gives."""

    log: KafkaLog
    stored: MongoLedger

    async def served(self) -> "Seen":
        """The same: there is one generation."""
        return self

    def ledger(self) -> MongoLedger:
        """The ledger."""
        return self.stored


@pytest.fixture
def digestion() -> Digestion:
    return Digestion()


@pytest.fixture
async def one(
    log: KafkaLog, kafka: str, mongo: str, database_prefix: str, topic_prefix: str, digestion: Digestion, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Replica]:
    @asynccontextmanager
    async def operated(service: str) -> AsyncIterator[Seen]:
        database = database_prefix + ("toy" if service == "posts_service" else service)
        seen = KafkaLog(kafka, prefix=topic_prefix)
        await seen.start()
        try:
            async with AsyncMongoClient[dict[str, Any]](mongo) as client:
                yield Seen(seen, MongoLedger(client[database], toy.PROJECTION))
        finally:
            await seen.stop()

    monkeypatch.setattr("inkctl.operating.operated", operated)
    ledger_type = partial(MongoLedger, program="first")
    async with replica(
        log, mongo, database_prefix + "toy", projection=digestion.projection(), ledger_type=ledger_type, lease_ms=600
    ) as running:
        await put(log, MarbleAdded(jar="bad", poison=True, name="blue"), {"jar:bad": 0, "name:blue": 0})
        await put(log, MarbleAdded(jar="worse", poison=True), {"jar:worse": 0})
        await put(log, MarbleAdded(jar="waits", name="blue"), {"jar:waits": 0, "name:blue": 1})
        await put(log, MarbleAdded(jar="waits"), {"jar:waits": 1})
        await running.caught_up()
        yield running


async def inkctl(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[str]]:
    code = await asyncio.to_thread(main, ["parked", *words])
    return code, capsys.readouterr().out.splitlines()


async def test_what_waits_is_listed_and_shown_with_what_waits_behind_it(one: Replica, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = await inkctl(capsys, "list")
    assert (1, "4 records are parked") == (code, said[-1])
    assert f"posts_service  {HERE}:0  " in said[0]

    code, said = await inkctl(capsys, "show", f"{HERE}:0", "--service", "posts_service")
    assert 0 == code
    assert said[0].endswith("jar:bad name:blue")
    assert [
        "    ValueError: the marble is poisoned",
        "    it is a toy.marble-added.v1; tried last by program first",
        "    behind it wait 2 records of 2 streams",
        f"        {HERE}:2  jar:waits name:blue",
        f"        {HERE}:3  jar:waits",
    ] == said[1:]

    assert (1, [f"nothing is parked at {HERE}:9"]) == await inkctl(capsys, "show", f"{HERE}:9")


async def test_what_was_asked_for_is_tried_again(one: Replica, digestion: Digestion, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = await inkctl(capsys, "retry", "--all")
    assert (1, "4 records were tried again, 4 are parked still") == (code, said[-1])

    digestion.cured = True
    assert (0, ["1 records were tried again, 0 are parked still"]) == await inkctl(capsys, "retry", "jar:worse")
    assert (0, ["3 records were tried again, 0 are parked still"]) == await inkctl(capsys, "retry", "--all", "--service", "posts_service")
    assert (0, ["nothing is parked"]) == await inkctl(capsys, "list")
    assert (1, ["nothing of it is parked"]) == await inkctl(capsys, "retry", "--all")
    assert {"jar:worse", "jar:waits", "jar:bad"} == set(await one.states("jar:worse", "jar:waits", "jar:bad"))


async def test_who_asks_is_told_when_nobody_does_it(
    one: Replica, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parked, "PATIENCE", 0.5)
    one.projector.leases.held = frozenset()

    async def never(writer: object, judging: object = ()) -> frozenset[Any]:
        del writer, judging
        return frozenset()

    one.projector.leases.renew = never  # type: ignore[method-assign]

    code = await asyncio.to_thread(main, ["parked", "retry", "--all"])

    assert 1 == code
    assert "no replica of posts_service has done it" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["retry"], ["retry", "--all", "jar:a"], ["show", "posts"], ["show", "posts/x:3"]])
def test_what_is_called_wrongly_is_told_by_code_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        main(["parked", *words])

    assert 2 == ending.value.code
    assert capsys.readouterr().err
