import pytest

from events.refusals import REFUSAL_CODES, Conflict, Forbidden, Gone, Invalid, NotFound, Refused, Stale, Unauthenticated


@pytest.mark.parametrize("kind", [Conflict, Forbidden, Gone, Invalid, NotFound, Unauthenticated])
def test_each_refusal_has_a_code_that_is_explained(kind: type[Refused]) -> None:
    refusal = kind("a sentence")

    assert refusal.detail == "a sentence"
    assert REFUSAL_CODES[refusal.code]


def test_a_refusal_may_carry_a_closer_code() -> None:
    refusal = Conflict("somebody has it", code="handle-taken")

    assert refusal.code == "handle-taken"
    assert Conflict.code == "conflict"


def test_a_code_that_nobody_explains_is_a_fault_of_the_program() -> None:
    with pytest.raises(ValueError, match="no-such-code"):
        Conflict("somebody has it", code="no-such-code")


def test_an_invalid_request_names_each_value_that_breaks_a_rule() -> None:
    refusal = Invalid("two values are not allowed", errors=[("/title", "too long"), ("/tags/0", "empty")])

    assert refusal.errors == (("/title", "too long"), ("/tags/0", "empty"))


def test_a_stale_change_learns_the_present_version() -> None:
    assert Stale("changed meanwhile", current_version=7).current_version == 7
