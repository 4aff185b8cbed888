"""Password hashes: bcrypt, slow on purpose, on few threads, and with a bound on how many wait."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

import bcrypt
from aiohttp import web

from servicekit.problems import Rejected

COST = 12
THREADS = 2
MOST_WAITING = 200
PATIENCE = 120.0  # seconds; a crowd of fifty takes six on a quiet machine, and a minute on one where much else is going on
LOOKED_AT = 72  # bytes; bcrypt knows no more of a password

T = TypeVar("T")


class Passwords:
    """Hashes passwords and checks them."""

    def __init__(self, *, cost: int = COST, threads: int = THREADS, most_waiting: int = MOST_WAITING, patience: float = PATIENCE) -> None:
        self._cost = cost
        self._most_waiting = most_waiting
        self._patience = patience
        self._turns = asyncio.Semaphore(threads)
        self._waiting = 0
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="bcrypt")
        # What nobody's password matches, checked at the same cost where there is no account to check.
        self._nobodys = f"$2b${cost:02}$" + "." * 53

    async def hash(self, password: str, *, wanted: Callable[[], Awaitable[None]]) -> str:
        """Hash a new password of at most 72 bytes; `wanted` is asked once its turn has come, and raises where it is not any more.

        Raises Rejected (503) where too many wait.
        """
        async with self._turn():
            await wanted()
            return (await self._run(lambda: bcrypt.hashpw(password.encode(), bcrypt.gensalt(self._cost)))).decode()

    async def match(self, password: str, hashed: str | None) -> bool:
        """Tell whether a password is the one that was hashed; None, for an account that there is not, takes as long. Raises Rejected."""
        typed = password.encode()
        async with self._turn():
            same = await self._run(lambda: self.checked(typed[:LOOKED_AT], (hashed or self._nobodys).encode()))
        return same and bool(hashed) and len(typed) <= LOOKED_AT

    def checked(self, typed: bytes, hashed: bytes) -> bool:
        """Do the work of checking one password, on the thread that calls."""
        return bcrypt.checkpw(typed, hashed)

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return self._waiting

    def close(self) -> None:
        """Let the threads end."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._waiting >= self._most_waiting:
            raise _too_many()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience):
                await self._turns.acquire()
        except TimeoutError:
            raise _too_many() from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turns.release()


PASSWORDS: web.AppKey[Passwords] = web.AppKey("PASSWORDS", Passwords)


def _too_many() -> Rejected:
    return Rejected(503, "unavailable", "too many people sign in or up at this moment", {"Retry-After": "10"})
