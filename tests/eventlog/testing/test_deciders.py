"""The kit for deciders says what came of a command, and fails where something else is expected."""

import pytest

from eventlog.testing import Deciding
from events.refusals import Conflict, Invalid, NotFound
from tests.kit import toy
from tests.kit.toy import AddMarble, Jar, MarbleAdded, Name

JARS = Deciding(toy.decide, (toy.JARS, toy.NAMES))


def test_what_was_given_is_folded_and_the_rest_is_new() -> None:
    given = JARS.given(MarbleAdded(jar="a"), MarbleAdded(jar="a", marbles=2))

    assert Jar(3) == given.state
    given.when(AddMarble("a", onto=3, name="blue")).then(MarbleAdded(jar="a", name="blue"), claims=["name:blue"])


def test_other_streams_are_as_they_are_given() -> None:
    given = JARS.given(others={"name:blue": Name("b")})

    given.when(AddMarble("a", name="blue")).then_refused(NotFound)
    given.when(AddMarble("a", name="red", relies_on="b")).then(MarbleAdded(jar="a", name="red"), claims=["name:red"], reads=["jar:b"])


def test_nothing_and_refusals_are_outcomes() -> None:
    JARS.given().when(AddMarble("a", room=0)).then_nothing()

    refusal = JARS.given(MarbleAdded(jar="a")).when(AddMarble("a", room=1)).then_refused(Conflict, code="conflict")

    assert "the jar is full" == refusal.detail


ADDED, NOTHING, REFUSED = AddMarble("a", name="blue"), AddMarble("a", room=0), AddMarble("a", onto=1)


@pytest.mark.parametrize("claims", [[], ["name:red"]])
def test_other_claims_fail(claims: list[str]) -> None:
    with pytest.raises(AssertionError, match="name:blue"):
        JARS.given().when(ADDED).then(MarbleAdded(jar="a", name="blue"), claims=claims)


def test_another_event_or_other_reads_fail() -> None:
    with pytest.raises(AssertionError, match="marbles=2"):
        JARS.given().when(ADDED).then(MarbleAdded(jar="a", name="blue", marbles=2), claims=["name:blue"])
    with pytest.raises(AssertionError, match="jar:b"):
        JARS.given().when(ADDED).then(MarbleAdded(jar="a", name="blue"), claims=["name:blue"], reads=["jar:b"])


def test_an_event_where_there_is_none_fails() -> None:
    with pytest.raises(AssertionError, match="so already"):
        JARS.given().when(NOTHING).then(MarbleAdded(jar="a"))
    with pytest.raises(AssertionError, match="no such marbles"):
        JARS.given().when(REFUSED).then(MarbleAdded(jar="a"))


def test_nothing_where_there_is_something_fails() -> None:
    with pytest.raises(AssertionError, match="MarbleAdded"):
        JARS.given().when(ADDED).then_nothing()
    with pytest.raises(AssertionError, match="no such marbles"):
        JARS.given().when(REFUSED).then_nothing()


def test_a_refusal_where_there_is_none_or_another_fails() -> None:
    with pytest.raises(AssertionError, match="expected a Invalid, it came to NotFound"):
        JARS.given().when(REFUSED).then_refused(Invalid)
    with pytest.raises(AssertionError, match="MarbleAdded"):
        JARS.given().when(ADDED).then_refused(NotFound)
    with pytest.raises(AssertionError, match="gone"):
        JARS.given().when(REFUSED).then_refused(NotFound, code="gone")


def test_a_stream_of_a_kind_that_was_not_named_is_a_fault_of_the_test() -> None:
    with pytest.raises(KeyError, match="name:blue"):
        Deciding(toy.decide, [toy.JARS]).given().when(ADDED)
