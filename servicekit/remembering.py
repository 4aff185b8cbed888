"""What a view said of something, remembered for as long as the partition that feeds the view stands where it stood."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar
from uuid import UUID

from cachetools import LRUCache

from eventlog.progress import Progress
from eventlog.record import Partition

MOST = 10_000

T = TypeVar("T")


class Remembered(Generic[T]):
    """Reads a view that changes seldom and is asked often, by ids.

    `read` asks the view; what is not there is asked again each time. `progress` says where the views stand that a request reads: when that
    of `place` moves, or another generation of the views is read, everything is forgotten. A view is never behind what its progress says of
    it, so that nothing is told that was older then.
    """

    def __init__(self, progress: Callable[[], Progress], place: Partition, read: Callable[[UUID], Awaitable[T | None]]) -> None:
        self._progress = progress
        self._place = place
        self._read = read
        self._as_of: tuple[Progress | None, int] = None, -1
        self._found: LRUCache[UUID, T] = LRUCache(MOST)

    async def __call__(self, key: UUID) -> T | None:
        """What the view says, or None where it knows nothing."""
        progress = self._progress()
        as_of = progress, progress[self._place]
        if as_of != self._as_of:
            self._found.clear()
            self._as_of = as_of
        known = self._found.get(key)
        if known is not None:
            return known
        found = await self._read(key)
        if found is not None and (progress, progress[self._place]) == as_of == self._as_of:
            self._found[key] = found
        return found
