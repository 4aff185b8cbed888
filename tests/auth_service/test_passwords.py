"""Hashing passwords: the same work for everybody, and a bound on who waits."""

import asyncio
from collections.abc import AsyncIterator

import bcrypt
import pytest
import pytest_asyncio

from auth_service.passwords import COST, MOST_WAITING, PATIENCE, THREADS, Passwords
from events.refusals import Conflict
from servicekit.problems import Rejected

SENTENCE = "a long enough sentence"


class Counted(Passwords):
    """Notes at which cost each password was worked on."""

    def __init__(self, **bounds: float) -> None:
        super().__init__(cost=4, **bounds)  # type: ignore[arg-type] # the tests give whole numbers where they have to
        self.costs: list[int] = []

    def checked(self, typed: bytes, hashed: bytes) -> bool:
        self.costs.append(int(hashed.split(b"$")[2]))
        return super().checked(typed, hashed)


@pytest_asyncio.fixture
async def passwords() -> AsyncIterator[Counted]:
    made = Counted()
    yield made
    made.close()


async def wanted() -> None:
    """Nothing has changed meanwhile."""


def test_hashing_is_as_slow_as_it_is_meant_to_be() -> None:
    assert (12, 2) == (COST, THREADS)
    assert MOST_WAITING >= 100
    assert PATIENCE >= 30


async def test_a_password_matches_its_hash_and_no_other(passwords: Counted) -> None:
    hashed = await passwords.hash(SENTENCE, wanted=wanted)

    assert bcrypt.checkpw(SENTENCE.encode(), hashed.encode())
    assert await passwords.match(SENTENCE, hashed)
    assert not await passwords.match(SENTENCE + ".", hashed)


async def test_where_there_is_no_account_the_same_work_is_done(passwords: Counted) -> None:
    hashed = await passwords.hash(SENTENCE, wanted=wanted)

    answers = [await passwords.match(SENTENCE, known) for known in (hashed, None, "")]

    assert [True, False, False] == answers
    assert [4, 4, 4] == passwords.costs


async def test_what_is_not_wanted_any_more_is_not_hashed(passwords: Counted) -> None:
    async def taken() -> None:
        raise Conflict("somebody was first")

    with pytest.raises(Conflict):
        await passwords.hash(SENTENCE, wanted=taken)

    assert await passwords.hash(SENTENCE, wanted=wanted)


async def test_who_comes_when_too_many_wait_is_asked_to_come_back() -> None:
    passwords = Counted(threads=1, most_waiting=1)
    go_on = asyncio.Event()

    async def held() -> None:
        await go_on.wait()

    working = asyncio.create_task(passwords.hash(SENTENCE, wanted=held))
    waiting = asyncio.create_task(passwords.hash(SENTENCE, wanted=wanted))
    await asyncio.sleep(0)

    with pytest.raises(Rejected) as rejected:
        await passwords.hash(SENTENCE, wanted=wanted)

    go_on.set()
    await asyncio.gather(working, waiting)
    passwords.close()
    assert (503, "10") == (rejected.value.problem.status, rejected.value.problem.headers["Retry-After"])


async def test_who_waits_too_long_is_asked_to_come_back() -> None:
    passwords = Counted(threads=1, patience=0.01)
    go_on = asyncio.Event()

    async def held() -> None:
        await go_on.wait()

    working = asyncio.create_task(passwords.hash(SENTENCE, wanted=held))
    await asyncio.sleep(0)

    with pytest.raises(Rejected) as rejected:
        await passwords.match(SENTENCE, None)

    go_on.set()
    await working
    passwords.close()
    assert 503 == rejected.value.problem.status
