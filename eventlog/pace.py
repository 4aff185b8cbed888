"""How fast something fills, and when it will be full."""

from collections import deque

WINDOW = 10.0  # seconds that count


class Pace:
    """Sees how much is done, and tells how long the rest will take."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def see(self, done: int, moment: float) -> None:
        """Take note of how much is done at a moment, in seconds."""
        self._seen.append((moment, done))
        while len(self._seen) > 2 and self._seen[1][0] <= moment - WINDOW:  # noqa: PLR2004 - two make a pace
            self._seen.popleft()

    @property
    def per_second(self) -> float:
        """How much is done in a second."""
        if not self._seen or self._seen[-1][0] <= self._seen[0][0]:
            return 0.0
        (begun, before), (now, done) = self._seen[0], self._seen[-1]
        return max(0.0, (done - before) / (now - begun))

    def seconds_left(self, total: int) -> float | None:
        """How long it will take until `total` is done; None where nothing moves."""
        left = total - (self._seen[-1][1] if self._seen else 0)
        if left <= 0:
            return 0.0
        return left / self.per_second if self.per_second else None


def written(seconds: float | None) -> str:
    """A duration for people: `1:05` are a minute and five seconds."""
    if seconds is None:
        return "-:--"
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
