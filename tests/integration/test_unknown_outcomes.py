"""Appends that are not acknowledged: the answer is honest whether they land, land late, land twice, or never do."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from eventlog import appending
from eventlog.commands import attempt_id
from eventlog.deciding import Behind, Unknown
from eventlog.handling import Handler
from eventlog.log import KafkaLog
from events.refusals import Conflict, Invalid
from tests.kit import toy
from tests.kit.engine import Frozen, Replica, put, replica, until
from tests.kit.toy import AddMarble, call, decide
from tests.kit.troubled import Append, Troubled

pytestmark = pytest.mark.integration


@pytest.fixture
def troubled(log: KafkaLog) -> Troubled:
    return Troubled(log)


@pytest.fixture
async def one(troubled: Troubled, mongo: str, database_prefix: str) -> AsyncIterator[Replica]:
    async with replica(troubled, mongo, database_prefix + "toy") as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appending, "VERDICT_TIMEOUT", 1.0)


async def marbles(one: Replica) -> int:
    await one.caught_up()
    states = await one.states("jar:a")
    return int(states["jar:a"]["marbles"]) if states else 0


@pytest.mark.parametrize("trouble", ["lands", "lands_twice", "lands_without_an_offset"])
@pytest.mark.parametrize("which", ["leader", "follower"])
async def test_what_landed_is_answered(one: Replica, other: Replica, troubled: Troubled, trouble: str, which: str) -> None:
    await one.handler.handle("jar:a", AddMarble("a"), decide, call())
    troubled.trouble = getattr(troubled, trouble)
    handler = one.handler if which == "leader" else on(troubled, other)

    outcome = await handler.handle("jar:a", AddMarble("a"), decide, call())

    assert (toy.Jar(2), 2) == (outcome.state, outcome.version)
    assert 2 == await marbles(one)
    assert outcome.token[call().place] >= 2
    assert await other.projector.progress.passed(outcome.token, 5)


def on(troubled: Troubled, which: Replica) -> Handler:
    facts: Any = toy.PlainFacts()
    return Handler(troubled, which.ledger, which.projector, facts, [toy.JARS, toy.NAMES], source="/toy")


@pytest.mark.usefixtures("impatient")
async def test_what_never_lands_is_unknown_and_a_repeat_applies_it_once(one: Replica, troubled: Troubled) -> None:
    named = call(name="mine", request="r")
    troubled.trouble = troubled.never_lands
    with pytest.raises(Unknown) as unknown:
        await one.handler.handle("jar:a", AddMarble("a"), decide, named)
    assert named.address == unknown.value.address
    assert "open" == await one.handler.outcome(named.address)
    troubled.trouble = None

    outcomes = [await one.handler.handle("jar:a", AddMarble("a"), decide, named) for _ in range(3)]

    assert {(toy.Jar(1), 1)} == {(outcome.state, outcome.version) for outcome in outcomes}
    assert [False, True, True] == [outcome.repeated for outcome in outcomes]
    assert "accepted" == await one.handler.outcome(named.address)


@pytest.mark.usefixtures("impatient")
async def test_what_lands_late_and_was_repeated_counts_once(one: Replica, troubled: Troubled) -> None:
    named = call(name="mine")
    troubled.trouble = troubled.lands_late
    with pytest.raises(Unknown):
        await one.handler.handle("jar:a", AddMarble("a"), decide, named)
    troubled.trouble = None

    await asyncio.gather(troubled.late[0](), *(one.handler.handle("jar:a", AddMarble("a"), decide, named) for _ in range(3)))

    assert 1 == await marbles(one)


@pytest.mark.usefixtures("impatient")
async def test_what_lands_after_it_was_given_up_is_void(one: Replica, troubled: Troubled) -> None:
    named = call(name="mine")
    troubled.trouble = troubled.lands_late
    with pytest.raises(Unknown):
        await one.handler.handle("jar:a", AddMarble("a"), decide, named)
    troubled.trouble = None

    assert await one.handler.close(named.address, by="somebody", now=toy.NOW)
    await troubled.late[0]()

    assert 0 == await marbles(one)
    assert "closed" == await one.handler.outcome(named.address)


async def test_who_is_given_up_while_the_append_is_under_way_is_told_so(one: Replica, other: Replica, troubled: Troubled) -> None:
    named = call(name="mine")

    async def given_up_meanwhile(send: Append) -> int:
        assert await other.handler.close(named.address, by="somebody", now=toy.NOW)
        return await send()

    troubled.trouble = given_up_meanwhile

    with pytest.raises(Conflict, match="given up"):
        await one.handler.handle("jar:a", AddMarble("a"), decide, named)

    assert 0 == await marbles(one)


async def test_another_request_under_the_same_name_is_refused_even_when_it_lands_second(
    one: Replica, other: Replica, troubled: Troubled
) -> None:
    named, meant = call(name="mine", request="r"), AddMarble("a")

    async def overtaken(send: Append) -> int:
        await other.handler.handle("jar:a", meant, decide, named)
        return await send()

    troubled.trouble = overtaken

    with pytest.raises(Invalid, match="same Idempotency-Key"):
        await one.handler.handle("jar:a", meant, decide, call(name="mine", request="another", command_id=named.command_id))

    assert 1 == await marbles(one)


async def test_a_refusal_waits_for_what_may_have_landed(log: KafkaLog, mongo: str, database_prefix: str) -> None:
    named = call(name="mine")
    async with replica(log, mongo, database_prefix + "toy", ledger_type=Frozen) as one:
        assert isinstance(one.ledger, Frozen)
        one.ledger.thaw.clear()
        await put(log, toy.MarbleAdded(jar="a"), {"jar:a": 0})
        await put(
            log, toy.MarbleAdded(jar="a"), {"jar:a": 1}, attempt=attempt_id(named.command_id, 0)
        )  # its first try, of which nobody heard
        await one.ledger.inside.wait()
        repeat = asyncio.create_task(one.handler.handle("jar:a", AddMarble("a", onto=1), decide, named))
        await until(lambda: any(one.projector.progress._waiting[call().place]))  # refused by the views as they stand, and asks the log

        one.ledger.thaw.set()
        outcome = await repeat

    assert (toy.Jar(2), 2, True) == (outcome.state, outcome.version, outcome.repeated)


@pytest.mark.usefixtures("impatient")
async def test_a_database_that_does_not_answer_after_the_append_leaves_the_outcome_unknown(
    one: Replica, troubled: Troubled, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = call(name="mine")
    troubled.trouble = troubled.lands
    with monkeypatch.context() as patch:

        async def silent(*_: object) -> Any:
            raise AutoReconnect

        patch.setattr(one.ledger, "attempts", silent)
        with pytest.raises(Behind):
            await one.handler.handle("jar:a", AddMarble("a"), decide, named)
        with pytest.raises(Unknown):
            await one.handler.handle("jar:a", AddMarble("a"), decide, call())

    assert 1 == await marbles(one)
