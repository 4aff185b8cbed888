from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlog.commands import Address, CommandNames, NoSuchCommand, attempt_id
from eventlog.partitioner import partition_of
from eventlog.record import Partition

ADDRESS = Address("posts", "an-author", UUID(int=7))
NAMES = CommandNames(b"k" * 32)
OTHERS = CommandNames(b"o" * 32)


def named(**changed: str) -> UUID:
    return NAMES.command_id(**({"actor": "ada", "topic": "posts", "key": "author", "idempotency_key": "one"} | changed))


def test_a_command_of_one_name_has_one_id() -> None:
    assert named() == named()
    assert named().version == 5


@pytest.mark.parametrize("part", ["actor", "topic", "key", "idempotency_key"])
def test_another_actor_topic_key_or_name_is_another_command(part: str) -> None:
    assert named() != named(**{part: "another"})


def test_no_two_lists_of_parts_read_alike() -> None:
    assert named(actor="a", topic="bc") != named(actor="ab", topic="c")


def test_nobody_guesses_ids_without_the_installations_key() -> None:
    parts = {"actor": "ada", "topic": "posts", "key": "author", "idempotency_key": "one"}

    assert NAMES.command_id(**parts) != OTHERS.command_id(**parts)
    assert NAMES.request("r", b"") != OTHERS.request("r", b"")
    assert NAMES.anonymous("r", "ada@example.org") != OTHERS.anonymous("r", "ada@example.org")


def test_another_route_or_body_is_another_request() -> None:
    assert 3 == len({NAMES.request("POST /a", b"x"), NAMES.request("POST /b", b"x"), NAMES.request("POST /a", b"y")})


def test_attempts_are_named_after_their_command() -> None:
    assert uuid5(UUID(int=7), "3") == attempt_id(UUID(int=7), 3)
    assert [str(attempt_id(UUID(int=7), n)) for n in range(5)] == ADDRESS.attempts()


def test_an_address_knows_its_partition() -> None:
    assert Partition("posts", partition_of(b"an-author", 12)) == ADDRESS.place
    assert Partition("accounts", 0) == Address("accounts", "any", UUID(int=1)).place


def test_an_address_is_read_by_its_actor() -> None:
    assert ADDRESS == NAMES.read(NAMES.write(ADDRESS, "ada"), "ada")


def test_an_address_of_one_who_was_not_signed_in_is_read_by_anybody_who_has_it() -> None:
    text = NAMES.write(ADDRESS, "")

    assert ADDRESS == NAMES.read(text, "")
    assert ADDRESS == NAMES.read(text, "ada")


@pytest.mark.parametrize("who", ["bob", ""])
def test_an_address_is_nobody_elses(who: str) -> None:
    with pytest.raises(NoSuchCommand):
        NAMES.read(NAMES.write(ADDRESS, "ada"), who)


@pytest.mark.parametrize("place", range(4))
def test_a_changed_address_is_none(place: int) -> None:
    parts = NAMES.write(ADDRESS, "ada").split(".")
    parts[place] = {0: "comments", 1: "another-author", 2: str(UUID(int=8)), 3: "0" * 32}[place]

    with pytest.raises(NoSuchCommand):
        NAMES.read(".".join(parts), "ada")


@pytest.mark.parametrize("topic", ["nowhere", "keys"])
def test_only_fact_topics_hold_commands(topic: str) -> None:
    with pytest.raises(NoSuchCommand):
        NAMES.read(NAMES.write(Address(topic, "k", UUID(int=1)), ""), "")


@given(st.text())
def test_any_other_text_is_no_address(text: str) -> None:
    with pytest.raises(NoSuchCommand):
        NAMES.read(text, "ada")
