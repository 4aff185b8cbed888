from prometheus_client import CollectorRegistry, generate_latest

from eventlog.progress import Progress
from eventlog.record import Partition
from servicekit.lagging import Lag

ONE, TWO = Partition("posts", 0), Partition("posts", 1)


class Watched:
    """Views that somebody looks at, with a clock that is set by hand."""

    def __init__(self) -> None:
        self.progress = Progress([ONE, TWO])
        self.now = 100.0
        self.lag = Lag(lambda: self.progress, lambda: self.now)

    def look(self, *, at: float, one: int = 0, two: int = 0) -> None:
        self.now = at
        self.lag.saw({ONE: one, TWO: two})


def test_views_that_lack_nothing_are_not_stale() -> None:
    watched = Watched()
    watched.progress.advance(ONE, 5)

    watched.look(at=100, one=5)
    watched.now = 200

    assert (0, 0.0) == (watched.lag.records, watched.lag.seconds)


def test_they_are_as_stale_as_the_oldest_record_that_they_lack() -> None:
    watched = Watched()
    watched.look(at=100, one=5)
    watched.look(at=110, one=7, two=1)

    watched.now = 130

    assert (8, 30.0) == (watched.lag.records, watched.lag.seconds)


def test_views_that_go_on_are_only_as_stale_as_the_first_record_that_they_have_not_passed() -> None:
    watched = Watched()
    watched.look(at=100, one=5)
    watched.progress.advance(ONE, 5)
    watched.look(at=110, one=9)

    watched.now = 112

    assert (4, 2.0) == (watched.lag.records, watched.lag.seconds)


def test_they_are_fresh_as_soon_as_they_have_passed_it() -> None:
    watched = Watched()
    watched.look(at=100, one=5)

    watched.progress.advance(ONE, 5)
    watched.now = 103

    assert (0, 0.0) == (watched.lag.records, watched.lag.seconds)


def test_it_is_shown_for_each_partition() -> None:
    watched, registry = Watched(), CollectorRegistry()
    registry.register(watched.lag)
    watched.progress.advance(ONE, 3)
    watched.look(at=100, one=5)

    shown = generate_latest(registry).decode()

    assert 'inkstream_log_position{partition="0",topic="posts"} 3.0\n' in shown
    assert 'inkstream_log_end{partition="0",topic="posts"} 5.0\n' in shown
    assert "inkstream_views_lag_records 2.0\n" in shown
