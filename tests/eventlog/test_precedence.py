"""Who waits on a stream goes first, in the log's order, and nobody waits for one of whom nothing is heard."""

import asyncio

import pytest

from eventlog import precedence
from eventlog.precedence import Precedence
from eventlog.record import Partition, Record
from eventlog.referee import Verdict

HERE = Partition("posts", 0)


def record(command: str, stream: str = "jar:a") -> Record:
    return Record(HERE, 0, 0, b"k", b"", (("ce_subject", stream.encode()), ("ce_command", command.encode())))


@pytest.fixture
def precedence_of() -> Precedence:
    return Precedence()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's time to go first ends while a test runs."""
    monkeypatch.setattr(precedence, "PATIENCE", 600.0)


async def goes(who: Precedence, command: str, stream: str = "jar:a") -> bool:
    """Whether a command is due now."""
    due = asyncio.create_task(who.due(HERE, stream, command))
    await asyncio.sleep(0)
    gone = due.done()
    due.cancel()
    return gone


@pytest.mark.usefixtures("patient")
async def test_whom_others_were_before_goes_before_who_is_new(precedence_of: Precedence) -> None:
    assert await goes(precedence_of, "new")

    precedence_of.note(record("voided"), Verdict.CONFLICTING)

    assert [False, True, True] == [
        await goes(precedence_of, "new"),
        await goes(precedence_of, "voided"),
        await goes(precedence_of, "new", "jar:b"),
    ]


@pytest.mark.usefixtures("patient")
async def test_of_those_who_wait_the_first_goes_first_however_often_others_were_before(precedence_of: Precedence) -> None:
    for command in ("first", "second", "first"):
        precedence_of.note(record(command), Verdict.CONFLICTING)
    assert [True, False] == [await goes(precedence_of, each) for each in ("first", "second")]

    precedence_of.note(record("first"), Verdict.ACCEPTED)

    assert [True, False] == [await goes(precedence_of, each) for each in ("second", "first")]


@pytest.mark.usefixtures("patient")
async def test_who_waits_is_woken_when_the_others_are_through(precedence_of: Precedence) -> None:
    for command in ("first", "second"):
        precedence_of.note(record(command), Verdict.CONFLICTING)
    due = asyncio.create_task(precedence_of.due(HERE, "jar:a", "new"))
    await asyncio.sleep(0)

    precedence_of.note(record("first"), Verdict.ACCEPTED)
    precedence_of.leave(HERE, "jar:a", "second")  # refused, say

    async with asyncio.timeout(5):
        await due


async def test_who_is_not_heard_of_is_not_waited_for(precedence_of: Precedence, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precedence, "PATIENCE", 0.01)
    precedence_of.note(record("dead"), Verdict.CONFLICTING)

    async with asyncio.timeout(5):
        await precedence_of.due(HERE, "jar:a", "new")


@pytest.mark.usefixtures("patient")
async def test_what_is_void_for_another_reason_or_not_known_waits_for_nothing(precedence_of: Precedence) -> None:
    for verdict in (Verdict.REPEATED, Verdict.MALFORMED, None):
        precedence_of.note(record("void"), verdict)

    assert await goes(precedence_of, "new")


async def test_of_streams_that_nobody_waits_on_any_more_not_all_are_remembered(
    precedence_of: Precedence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precedence, "PATIENCE", -1.0)

    for number in range(3 * precedence.MOST):
        precedence_of.note(record("voided", f"jar:{number}"), Verdict.CONFLICTING)

    assert len(precedence_of._queues) <= precedence.MOST
