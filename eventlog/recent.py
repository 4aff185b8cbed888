"""States that commands have left or read, so that the next command on a stream need not read them again."""

from collections import OrderedDict
from typing import Any

WEIGHT = 32 << 20


class Recent:
    """States by their streams, each with its version; those that nobody asked for longest are forgotten first.

    `weight`: how many characters of text all of them may hold, counting 1,000 more for each.
    """

    def __init__(self, weight: int = WEIGHT) -> None:
        self._most = weight
        self._weight = 0
        self._states: OrderedDict[str, tuple[int, Any, int]] = OrderedDict()

    def get(self, stream: str, version: int | None) -> tuple[int, Any] | None:
        """The version and state of a stream, if it is remembered in this version."""
        known = self._states.get(stream)
        if known is None or known[0] != version:
            return None
        self._states.move_to_end(stream)
        return known[:2]

    def keep(self, stream: str, version: int, state: Any) -> tuple[int, Any]:
        """Remember a state."""
        weight = 1000 + sum(len(value) for value in vars(state).values() if isinstance(value, str | bytes))
        if stream in self._states:
            self._weight -= self._states.pop(stream)[2]
        self._states[stream] = version, state, weight
        self._weight += weight
        while self._weight > self._most:
            self._weight -= self._states.popitem(last=False)[1][2]
        return version, state
