from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from uuid import UUID

import pytest

from events.base import Event, Personal, PersonalFields, event, personal, personal_types, types
from events.posts import PostAddress, PostPublished, PostText

KID = UUID(int=1)
PUBLISHED = PostPublished(
    post_id=UUID(int=2),
    author_id=UUID(int=3),
    slug_hash="00",
    address=Personal(KID, PostAddress(slug="a-secret-love")),
    at=datetime(2026, 3, 1, tzinfo=UTC),
)


def test_an_event_is_known_by_its_type_name() -> None:
    assert PostPublished.TYPE == "inkstream.post.published.v1"
    assert PostPublished is types()["inkstream.post.published.v1"]
    assert PostText is personal_types()["inkstream.post-text.v1"]


def test_an_event_can_not_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        PUBLISHED.slug_hash = "01"  # type: ignore[misc] # the point of the test


def test_a_personal_group_can_be_built_subscripted_and_not_changed() -> None:
    group = Personal[PostAddress](KID, PostAddress(slug="one"))

    assert Personal(KID, PostAddress(slug="one")) == group
    with pytest.raises(FrozenInstanceError):
        group.kid = UUID(int=4)  # type: ignore[misc] # the point of the test


def test_personal_fields_do_not_show_when_an_event_is_printed() -> None:
    assert "a-secret-love" not in repr(PUBLISHED)


def test_a_type_name_is_registered_once() -> None:
    with pytest.raises(TypeError, match="registered already"):

        @event("inkstream.post.published.v1")
        class Second(Event):
            at: datetime


@pytest.mark.parametrize("name", ["post.published.v1", "inkstream.post", "inkstream.Post.v1", "inkstream.post_text.v1", "inkstream.a.v0"])
def test_a_type_name_that_avro_could_not_carry_is_refused(name: str) -> None:
    with pytest.raises(TypeError, match="no type name"):

        @event(name)
        class Misnamed(Event):
            at: datetime


def test_an_event_must_say_when_it_happened() -> None:
    with pytest.raises(TypeError, match="when it happened"):

        @event("inkstream.test.timeless.v1")
        class Timeless(Event):
            """Nothing of its own, not even the time."""


def test_every_personal_field_needs_a_default() -> None:
    with pytest.raises(TypeError, match="name"):

        @personal("inkstream.test-person.v1")
        class Person(PersonalFields):
            name: str

    assert "inkstream.test-person.v1" not in personal_types()
