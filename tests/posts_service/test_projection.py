from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from eventlog.projection import Doc
from eventlog.testing import Documents, folded
from events.base import Event, Personal, PersonalFields
from events.posts import PostEvent
from posts_service.domain import Post, Slug, evolve
from posts_service.projection import AUTHORS, POSTS, PROJECTION, SLUGS
from tests.kit import specimens

DRAFTED, REVISED, PUBLISHED, IMPORTED = (event for event in specimens.EVENTS if event.TYPE.startswith("inkstream.post."))
REGISTERED = specimens.EVENTS[0]
POST, SLUG = f"post:{specimens.POST}", f"slug:{specimens.ADA}/{'cc' * 32}"
LIVES: list[list[tuple[Event, dict[str, int]]]] = [
    [(DRAFTED, {POST: 0}), (REVISED, {POST: 1}), (PUBLISHED, {POST: 2, SLUG: 0})],
    [(IMPORTED, {POST: 0, SLUG: 0}), (REVISED, {POST: 1})],
    [(REGISTERED, {f"user:{specimens.ADA}": 0, "handle:aa": 0, "email:bb": 0})],
]


def erased(event: Event) -> Event:
    groups = {
        name: Personal(value.kid, type(value.value)())
        for name, value in vars(event).items()
        if isinstance(value, Personal) and isinstance(value.value, PersonalFields)
    }
    return replace(event, **groups)  # type: ignore[type-var]  # every event is a dataclass


def test_a_post_is_kept_with_its_version() -> None:
    views = folded(PROJECTION, *LIVES[0])

    assert 3 == views["posts"][POST]["version"]
    assert {"_id": SLUG, "post_id": specimens.POST, "version": 1} == views["slugs"][SLUG]


def test_an_author_is_known_by_handle_and_name() -> None:
    [doc] = folded(PROJECTION, *LIVES[2])["authors"].values()

    assert {
        "_id": str(specimens.ADA),
        "kid": specimens.ADAS_KEY,
        "handle_hash": "aa" * 32,
        "handle": "ada",
        "name": "Ada Lovelace",
    } == doc


@pytest.mark.parametrize("life", LIVES[:2])
def test_what_is_stored_of_a_post_is_what_was_folded(life: list[tuple[Any, dict[str, int]]]) -> None:
    state = Post()
    for event, _ in life:
        post_event: PostEvent = event
        state = evolve(state, post_event)

    doc = folded(PROJECTION, *life)["posts"][POST]

    assert state == POSTS.load(doc)
    assert Slug(post_id=specimens.POST) == SLUGS.load({"post_id": specimens.POST})


def documents_by_place(views: Documents) -> dict[tuple[str, str], Doc]:
    return {(view, doc_id): doc for view, docs in views.items() for doc_id, doc in docs.items()}


@pytest.mark.parametrize("life", LIVES)
def test_an_erased_text_leaves_no_trace_and_changes_nothing_else(life: list[tuple[Event, dict[str, int]]]) -> None:
    docs = documents_by_place(folded(PROJECTION, *life))
    without = documents_by_place(folded(PROJECTION, *((erased(event), expects) for event, expects in life)))

    assert docs.keys() == without.keys()
    for place, doc in docs.items():
        left = {name for name, value in doc.items() if without[place][name] != value}
        assert left <= {"title", "body", "tags", "excerpt", "language", "slug", "handle", "name"}
        assert not left or isinstance(doc["kid"], UUID)


def test_facts_about_others_touch_no_author() -> None:
    assert [REGISTERED] == [event for event in specimens.EVENTS if AUTHORS.touched(event, {})]
