"""States that commands have left or read, so that the next command on a stream need not read them again."""

from typing import Any

from cachetools import LRUCache

WEIGHT = 32 << 20

Versioned = tuple[int, Any]


class Recent:
    """States by their streams, each with its version; those that nobody asked for longest are forgotten first.

    `weight`: how many characters of text all of them may hold, counting 1,000 more for each.
    """

    def __init__(self, weight: int = WEIGHT) -> None:
        self._states: LRUCache[str, Versioned] = LRUCache(weight, getsizeof=_weight)
        self.asked = 0
        self.known = 0

    def get(self, stream: str, version: int | None) -> Versioned | None:
        """The version and state of a stream, if it is remembered in this version."""
        self.asked += 1
        known = self._states.get(stream)
        if known is None or known[0] != version:
            return None
        self.known += 1
        return known

    def keep(self, stream: str, version: int, state: Any) -> Versioned:
        """Remember a state."""
        known = version, state
        if _weight(known) <= self._states.maxsize:
            self._states[stream] = known
        return known


def _weight(known: Versioned) -> int:
    return 1000 + sum(len(value) for value in vars(known[1]).values() if isinstance(value, str | bytes))
