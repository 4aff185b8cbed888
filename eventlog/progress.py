"""How far views have come: consistency tokens, and waiting until a position is passed."""

import asyncio
import contextlib
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from eventlog.record import Partition

TOKEN_ENTRIES = 256
TOKEN_LENGTH = 8192


class Token(Mapping[Partition, int]):
    """A place in several partitions at once: for each the offset after the last record seen.

    Immutable; written `posts/3:1842,comments/7:55`.
    """

    __slots__ = ("_next",)

    def __init__(self, next_offsets: Mapping[Partition, int] = MappingProxyType({})) -> None:
        self._next = dict(next_offsets)

    def __getitem__(self, place: Partition) -> int:
        return self._next[place]

    def __iter__(self) -> Iterator[Partition]:
        return iter(self._next)

    def __len__(self) -> int:
        return len(self._next)

    def __str__(self) -> str:
        return ",".join(f"{place}:{offset}" for place, offset in sorted(self._next.items()))

    def __repr__(self) -> str:
        return f"Token({self})"

    def __hash__(self) -> int:
        return hash(frozenset(self._next.items()))

    @classmethod
    def parse(cls, text: str) -> "Token":
        """Read what `str` wrote, "" included; ValueError for anything else, or for more than 256 entries."""
        if len(text) > TOKEN_LENGTH:
            raise ValueError("the token is too long")
        found: dict[Partition, int] = {}
        for entry in filter(None, (part.strip() for part in text.split(","))):
            place, _, digits = entry.rpartition(":")
            if not (digits.isascii() and digits.isdigit()) or len(digits) > 18:  # noqa: PLR2004 - an offset has 63 bits
                raise ValueError(f"{entry!r} is no position")
            partition = Partition.parse(place)
            found[partition] = max(int(digits), found.get(partition, 0))
        if len(found) > TOKEN_ENTRIES:
            raise ValueError("the token has too many entries")
        return cls(found)

    def merge(self, other: Mapping[Partition, int]) -> "Token":
        """The later place of both, partition by partition."""
        merged = dict(self._next)
        for place, offset in other.items():
            merged[place] = max(offset, merged.get(place, 0))
        return Token(merged)


class Progress:
    """How far this replica knows its views to have come, and who waits for more.

    It moves when the replica's own projector has committed, or when the positions in the database are seen to have moved.
    """

    def __init__(self, followed: Iterable[Partition]) -> None:
        self._next: dict[Partition, int] = dict.fromkeys(followed, 0)
        self._waiting: dict[Partition, dict[asyncio.Future[None], tuple[int, bool]]] = {place: {} for place in self._next}
        self.parked: dict[Partition, int] = {}
        self._answered: dict[Partition, int] = {}

    def __getitem__(self, place: Partition) -> int:
        return self._next[place]

    def token(self) -> Token:
        """Where the views stand."""
        return Token({place: offset for place, offset in self._next.items() if offset})

    def followed(self) -> frozenset[Partition]:
        """The partitions that feed these views."""
        return frozenset(self._next)

    def advance(self, place: Partition, offset: int, parked: int | None = None) -> None:
        """Say that the views of a partition stand at `offset`, and at which offset its first parked record is.

        News that is older than what is known already changes nothing.
        """
        if offset < self._next.get(place, offset + 1):
            return
        if parked is None:
            self.parked.pop(place, None)
        else:
            self.parked[place] = parked
        self._next[place] = offset
        for waiter, (wanted, patient) in list(self._waiting[place].items()):
            if wanted <= offset or not (patient or parked is None or parked >= wanted):
                _wake(waiter)

    def answer(self, place: Partition, offset: int) -> None:
        """Note that somebody is told of a record before `offset` that the views may not have passed."""
        self._answered[place] = max(offset, self._answered.get(place, 0))

    def answered(self) -> Token:
        """Where the views stand once they have passed all that this replica has told of."""
        self._answered = dict(self.missing(self._answered))
        return Token(self._answered)

    def missing(self, token: Mapping[Partition, int]) -> list[tuple[Partition, int]]:
        """What of a token is not passed yet; partitions that are not followed do not count."""
        return [(place, wanted) for place, wanted in token.items() if self._next.get(place, wanted) < wanted]

    def blocked(self, token: Mapping[Partition, int]) -> bool:
        """Whether a token lies beyond a partition's first parked record: waiting does not help then."""
        return any(self.parked[place] < wanted for place, wanted in token.items() if place in self.parked)

    async def passed(self, token: Mapping[Partition, int], timeout: float) -> bool:  # noqa: ASYNC109 - the callers' bounds differ
        """Wait until whoever reads any document sees all that a token names.

        False when that is not so within `timeout` seconds, and at once when a parked record is before it.
        """
        if not self.blocked(token):
            await self._reached(token, timeout, patient=False)
        return not self.missing(token) and not self.blocked(token)

    async def reached(self, token: Mapping[Partition, int], timeout: float) -> bool:  # noqa: ASYNC109 - the callers' bounds differ
        """Wait until the views have come to a token, but for what is parked; False when they have not within `timeout` seconds."""
        await self._reached(token, timeout, patient=True)
        return not self.missing(token)

    async def moved(self, place: Partition, beyond: int, unless: "asyncio.Future[Any]") -> None:
        """Wait until the views of a partition stand further than `beyond`, whatever is parked, or until something else is known."""
        if self._next[place] <= beyond and not unless.done():
            with self._waiter(place, beyond + 1, patient=True) as waiter:
                unless.add_done_callback(lambda _: _wake(waiter))
                await waiter

    async def _reached(self, token: Mapping[Partition, int], seconds: float, *, patient: bool) -> None:
        missing = self.missing(token)
        if missing:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    for place, wanted in missing:
                        await self._until(place, wanted, patient=patient)

    async def _until(self, place: Partition, wanted: int, *, patient: bool) -> None:
        """Wait for a place; who is not patient is also told when a record before it is parked."""
        if self._next[place] < wanted:
            with self._waiter(place, wanted, patient=patient) as waiter:
                await waiter

    @contextlib.contextmanager
    def _waiter(self, place: Partition, wanted: int, *, patient: bool) -> Iterator["asyncio.Future[None]"]:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[place][waiter] = (wanted, patient)
        try:
            yield waiter
        finally:
            del self._waiting[place][waiter]


def _wake(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)
