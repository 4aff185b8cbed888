"""How far a rebuild is that another process does: what the metrics of a service tell of it."""

import math
import time
from collections.abc import Callable

from eventlog.ledger import Ledger
from eventlog.pace import Pace
from eventlog.progress import Progress


class Filling:
    """Sees how far a generation is that is being filled. `ledger` gives that of a generation."""

    def __init__(self, ledger: Callable[[int], Ledger]) -> None:
        self._ledger = ledger
        self._seen: tuple[int, Ledger, Pace] | None = None
        self.left = 0  # records that it lacks
        self.seconds_left = 0.0

    async def look(self, filling: int | None, served: Progress) -> None:
        """Look how far a generation is behind what is served. Raises pymongo's errors."""
        if filling is None:
            self._seen, self.left, self.seconds_left = None, 0, 0.0
            return
        if self._seen is None or self._seen[0] != filling:
            self._seen = filling, self._ledger(filling), Pace()
        _, ledger, pace = self._seen
        total = sum(served.token().values())
        done = sum(position.fed for position in (await ledger.positions()).values())
        pace.see(done, time.monotonic())
        left = pace.seconds_left(total)
        self.left, self.seconds_left = max(0, total - done), math.inf if left is None else left
