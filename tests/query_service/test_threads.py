from hypothesis import given, settings
from hypothesis import strategies as st

from query_service.api.threads import DEEPEST, Place, in_thread_order
from query_service.store import Remark


def comment(number: int, parent: int | None = None) -> Remark:
    return Remark(str(number), str(parent) if parent is not None else None)


def shown(*remarks: Remark) -> list[tuple[int, int, str]]:
    return [(int(place.id), place.depth, place.path) for place in in_thread_order(remarks)]


def test_each_comment_is_followed_by_its_answers() -> None:
    order = shown(comment(1), comment(2), comment(3, 1), comment(4, 3), comment(5, 1))

    assert [(1, 0, "00001"), (3, 1, "00001/00001"), (4, 2, "00001/00001/00001"), (5, 1, "00001/00002"), (2, 0, "00002")] == order


def test_an_answer_to_a_comment_that_is_not_known_begins_a_conversation() -> None:
    assert [(1, 0, "00001"), (2, 0, "00002")] == shown(comment(1), comment(2, 99))


def test_an_answer_that_seems_older_than_its_comment_still_stands_below_it() -> None:
    assert [(1, 0, "00001"), (2, 1, "00001/00001")] == shown(comment(2, 1), comment(1))


def test_comments_that_answer_each_other_are_left_out() -> None:
    assert [(3, 0, "00001")] == shown(comment(1, 2), comment(2, 1), comment(3))


def test_however_long_two_people_go_on_paths_stay_short() -> None:
    line = [comment(1), *(comment(number, number - 1) for number in range(2, 400))]

    places = in_thread_order(line)

    assert [remark.id for remark in line] == [place.id for place in places]
    assert DEEPEST == max(place.depth for place in places)
    assert 6 * (DEEPEST + 1) > max(len(place.path) for place in places)


@st.composite
def threads(draw: st.DrawFn) -> list[Remark]:
    size = draw(st.integers(0, 60))
    return [comment(n, draw(st.one_of(st.none(), st.integers(1, n - 1))) if n > 1 else None) for n in range(1, size + 1)]


@settings(deadline=None, max_examples=50)  # the machine may be busy
@given(threads())
def test_paths_sort_a_thread_and_nothing_is_lost(remarks: list[Remark]) -> None:
    places: list[Place] = in_thread_order(remarks)

    assert {remark.id for remark in remarks} == {place.id for place in places}
    assert sorted(places, key=lambda place: place.path) == places
    assert all(place.path.count("/") == place.depth for place in places)
