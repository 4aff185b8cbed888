"""How long a rebuild will take, by how it went lately."""

import pytest

from eventlog.pace import Pace, written


def test_it_goes_on_as_it_went() -> None:
    pace = Pace()

    for second in range(5):
        pace.see(100 * second, second)

    assert 100.0 == pace.per_second
    assert 6.0 == pace.seconds_left(1000)
    assert 0.0 == pace.seconds_left(400)


def test_what_was_long_ago_counts_no_more() -> None:
    pace = Pace()

    for second in range(30):
        pace.see(0 if second < 15 else 100 * (second - 15), second)

    assert 100.0 == pace.per_second


def test_what_stands_still_has_no_end() -> None:
    pace = Pace()
    assert pace.seconds_left(10) is None

    pace.see(5, 1.0)
    pace.see(5, 2.0)

    assert pace.seconds_left(10) is None


@pytest.mark.parametrize(("seconds", "text"), [(0.0, "0:00"), (65.4, "1:05"), (3725.0, "1:02:05"), (None, "-:--")])
def test_durations_are_written_for_people(seconds: float | None, text: str) -> None:
    assert text == written(seconds)
