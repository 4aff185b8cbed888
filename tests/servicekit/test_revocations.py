"""Which tokens are refused before they expire, and for how long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from eventlog.memory import MemoryLog
from eventlog.partitioner import partition_of
from eventlog.record import Headers, Partition
from events import codec
from events.base import Event, Personal
from events.sealing import new_key
from events.sessions import Device, Ending, SessionClosed, SessionOpened
from servicekit.identity import LIFETIME, Caller
from servicekit.revocations import Revocations

KEY = new_key()
USER, SESSION, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)


class Clock:
    """A clock that stands where it was put; the log in memory has the true time."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


def caller(session_id: UUID) -> Caller:
    now = datetime.now(UTC)
    return Caller(USER, session_id, "writer", now, now + LIFETIME)


def closed(session_id: UUID = SESSION) -> SessionClosed:
    return SessionClosed(session_id=session_id, user_id=USER, reason=Ending.SIGNED_OUT, at=datetime.now(UTC))


def opened(session_id: UUID) -> SessionOpened:
    device = Personal(uuid4(), Device(user_agent="Browser", address="192.0.2.1"))
    return SessionOpened(session_id=session_id, user_id=USER, device=device, at=datetime.now(UTC))


async def write(log: MemoryLog, event: Event, session_id: UUID) -> None:
    ce_id = uuid4()
    headers: Headers = [("ce_id", str(ce_id).encode()), ("ce_type", event.TYPE.encode())]
    key = str(session_id).encode()
    await log.append(Partition("sessions", partition_of(key, 12)), key, codec.encode(event, ce_id=ce_id, key_of=lambda _: KEY), headers)


@asynccontextmanager
async def following(revoked: Revocations) -> AsyncIterator[None]:
    task = asyncio.create_task(revoked.run())
    try:
        await revoked.following.catch_up()
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_closed_session_is_refused_and_no_other() -> None:
    log = MemoryLog()
    await write(log, opened(SESSION), SESSION)
    await write(log, closed(), SESSION)
    await write(log, opened(OTHER), OTHER)
    revoked = Revocations(log, Clock())

    assert revoked.ready is False
    async with following(revoked):
        assert revoked.following.ready
        assert (True, False) == (revoked.refuse(caller(SESSION)), revoked.refuse(caller(OTHER)))


async def test_a_session_that_closes_later_is_refused_from_then_on() -> None:
    log = MemoryLog()
    revoked = Revocations(log, Clock())
    async with following(revoked):
        assert not revoked.refuse(caller(SESSION))
        await write(log, closed(), SESSION)
        await revoked.following.catch_up()

        assert revoked.refuse(caller(SESSION))


async def test_what_is_too_old_for_any_token_is_not_even_read() -> None:
    log, clock = MemoryLog(), Clock()
    await write(log, closed(), SESSION)
    clock.now += 2 * LIFETIME + timedelta(minutes=1)
    revoked = Revocations(log, clock)
    async with following(revoked):
        assert not revoked.refuse(caller(SESSION))


async def test_a_refusal_is_kept_for_two_lifetimes_and_then_forgotten() -> None:
    log, clock = MemoryLog(), Clock()
    revoked = Revocations(log, clock)
    async with following(revoked):
        await write(log, closed(), SESSION)
        await revoked.following.catch_up()
        clock.now += 2 * LIFETIME - timedelta(minutes=1)
        await write(log, closed(OTHER), OTHER)
        await revoked.following.catch_up()
        kept = revoked.refuse(caller(SESSION))
        clock.now += timedelta(minutes=2)
        await write(log, closed(uuid4()), OTHER)
        await revoked.following.catch_up()

        assert kept
        assert {SESSION, OTHER}.isdisjoint(revoked._closed)


async def test_what_can_not_be_read_refuses_nobody_and_stops_nothing() -> None:
    log = MemoryLog()
    for value in (None, b"", b"nonsense", b"\xc3\x01" + bytes(20)):
        for ce_id in (b"\xff", str(uuid4()).encode()):
            await log.append(Partition("sessions", 0), b"k", value, [("ce_id", ce_id), ("ce_type", SessionClosed.TYPE.encode())])
    await write(log, closed(), SESSION)
    revoked = Revocations(log, Clock())
    async with following(revoked):
        assert (True, False) == (revoked.refuse(caller(SESSION)), revoked.refuse(caller(OTHER)))
