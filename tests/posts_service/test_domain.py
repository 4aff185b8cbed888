from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from eventlog.testing import Deciding, Given
from events.base import Personal
from events.posts import PostAddress, PostDrafted, PostEvent, PostImported, PostPublished, PostRevised, PostText, RevisionNote
from events.refusals import Conflict, Invalid, NotFound
from posts_service.domain import (
    DraftPost,
    ImportPost,
    Post,
    PostCommand,
    PublishPost,
    RevisePost,
    Slug,
    Stage,
    decide,
    evolve_slug,
    slug_stream,
)
from posts_service.projection import AGGREGATES

DECIDING = Deciding(decide, AGGREGATES)
ADA, SOMEBODY_ELSE, POST, OTHER_POST, KEY = (UUID(int=number) for number in range(1, 6))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG_AGO = datetime(2011, 5, 4, 9, 30, tzinfo=UTC)
TEXT = PostText(title="On Engines", body="They *weave*.", tags=("engines",), language="en")


def hash_of(slug: str) -> str:
    return f"hash-of-{slug}"


def stream_of(slug: str) -> str:
    return slug_stream(ADA, hash_of(slug))


DRAFTED = PostDrafted(post_id=POST, author_id=ADA, text=Personal(KEY, TEXT), at=NOW)
UNTITLED = replace(DRAFTED, text=Personal(KEY, PostText(body="only thoughts")))
PUBLISHED = PostPublished(
    post_id=POST, author_id=ADA, slug_hash=hash_of("on-engines"), address=Personal(KEY, PostAddress(slug="on-engines")), at=NOW
)
IMPORTED = PostImported(
    post_id=POST,
    author_id=ADA,
    source="a-hash",
    text=Personal(KEY, replace(TEXT, language=None)),
    address=Personal(KEY, PostAddress(slug="engines")),
    slug_hash=hash_of("engines"),
    published=True,
    created_at=LONG_AGO,
    published_at=LONG_AGO,
    at=NOW,
)


def given(*events: PostEvent, taken: Mapping[str, UUID] | None = None) -> Given:
    """A post to which this has happened; `taken` names slugs of Ada's and the posts that have them."""
    return DECIDING.given(*events, others={stream_of(slug): Slug(post_id=post_id) for slug, post_id in (taken or {}).items()})


def post_after(*events: PostEvent) -> Post:
    post: Post = given(*events).state
    return post


def draft(**changes: Any) -> DraftPost:
    return DraftPost(**{"post_id": POST, "by": ADA, "kid": KEY, "text": TEXT, "now": NOW, **changes})


def revise(*, by: UUID = ADA, note: str = "", minor: bool = False, **changes: Any) -> RevisePost:
    return RevisePost(by=by, changes=changes, note=note, minor=minor, now=NOW)


def publish(slug: str | None = None, *, by: UUID = ADA, note: str = "") -> PublishPost:
    return PublishPost(by=by, slug=slug, note=note, hash_of=hash_of, now=NOW)


def take_over(**changes: Any) -> ImportPost:
    said = {"title": TEXT.title, "body": TEXT.body, "tags": TEXT.tags}
    usual = {"source": "a-hash", "slug": "engines", "created_at": LONG_AGO, "published_at": LONG_AGO, "hash_of": hash_of}
    return ImportPost(**{"post_id": POST, "by": ADA, "kid": KEY, "changes": said, "now": NOW, **usual, **changes})


def test_an_author_begins_a_draft() -> None:
    given().when(draft()).then(DRAFTED)


def test_a_post_is_begun_once() -> None:
    given(DRAFTED).when(draft()).then_nothing()


def test_a_draft_is_as_its_author_wrote_it() -> None:
    post = post_after(DRAFTED)

    assert (Stage.DRAFT, POST, ADA, KEY, TEXT) == (post.stage, post.post_id, post.author_id, post.kid, post.text)
    assert (NOW, None, None, None) == (post.created_at, post.published_at, post.revised_at, post.slug)


def test_a_post_holds_every_field_that_an_author_may_write() -> None:
    written: dict[str, Any] = {each.name: ("x",) if each.name == "tags" else "x" for each in fields(PostText)}
    full = PostText(**written)

    assert full == post_after(replace(DRAFTED, text=Personal(KEY, full))).text


def test_an_author_revises_what_they_name_and_keeps_the_rest() -> None:
    expected = PostRevised(
        post_id=POST,
        author_id=ADA,
        text=Personal(KEY, replace(TEXT, body="They weave algebra.")),
        note=Personal(KEY, RevisionNote(text="what they weave")),
        minor=True,
        at=NOW,
    )

    given(DRAFTED).when(revise(body="They weave algebra.", note="what they weave", minor=True)).then(expected)


def test_a_revision_changes_the_text_and_says_when() -> None:
    later = NOW + timedelta(hours=1)
    changed = replace(TEXT, body="Other.")

    post = post_after(DRAFTED, PostRevised(post_id=POST, author_id=ADA, text=Personal(KEY, changed), at=later))

    assert (changed, NOW, later) == (post.text, post.created_at, post.revised_at)


def test_revising_to_the_same_text_is_already_so() -> None:
    given(DRAFTED).when(revise(body=TEXT.body, tags=TEXT.tags, note="nothing")).then_nothing()


@pytest.mark.parametrize("command", [revise(by=SOMEBODY_ELSE, body="mine"), publish(by=SOMEBODY_ELSE)])
def test_a_stranger_does_not_learn_that_there_is_a_post(command: PostCommand) -> None:
    there = given(DRAFTED).when(command).then_refused(NotFound)
    not_there = given().when(command).then_refused(NotFound)

    assert there.detail == not_there.detail


def test_a_post_is_published_at_an_address_made_of_its_title() -> None:
    given(DRAFTED).when(publish()).then(PUBLISHED, claims=[stream_of("on-engines")])


def test_a_post_is_published_at_the_address_that_its_author_gives() -> None:
    expected = replace(
        PUBLISHED,
        slug_hash=hash_of("looms"),
        address=Personal(KEY, PostAddress(slug="looms")),
        note=Personal(KEY, RevisionNote(text="at last")),
    )

    given(DRAFTED).when(publish("looms", note="at last")).then(expected, claims=[stream_of("looms")])


def test_a_given_address_that_another_post_has_is_refused() -> None:
    given(DRAFTED, taken={"looms": OTHER_POST}).when(publish("looms")).then_refused(Conflict, code="slug-taken")


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        (["on-engines"], "on-engines-2"),
        (["on-engines", *(f"on-engines-{n}" for n in range(2, 9))], "on-engines-9"),
        (["on-engines", *(f"on-engines-{n}" for n in range(2, 10))], f"on-engines-{POST.hex[:8]}"),
    ],
)
def test_an_address_made_of_the_title_avoids_those_of_other_posts(taken: list[str], expected: str) -> None:
    decision = given(DRAFTED, taken=dict.fromkeys(taken, OTHER_POST)).when(publish()).decided()

    assert [stream_of(expected)] == decision.claims


def test_a_post_returns_to_an_address_that_it_had() -> None:
    decision = given(DRAFTED, taken={"looms": POST}).when(publish("looms")).decided()

    assert [stream_of("looms")] == decision.claims


def test_a_published_post_has_its_address_and_its_day() -> None:
    post = post_after(DRAFTED, PUBLISHED)

    assert (Stage.PUBLISHED, "on-engines", NOW) == (post.stage, post.slug, post.published_at)
    assert Slug(post_id=POST) == evolve_slug(Slug(), PUBLISHED)


@pytest.mark.parametrize("slug", [None, "on-engines"])
def test_publishing_again_changes_nothing(slug: str | None) -> None:
    given(DRAFTED, PUBLISHED).when(publish(slug)).then_nothing()


def test_publishing_again_does_not_move_a_post() -> None:
    given(DRAFTED, PUBLISHED).when(publish("looms")).then_refused(Conflict)


def test_a_post_needs_a_title_to_be_published() -> None:
    refusal = given(UNTITLED).when(publish("looms")).then_refused(Invalid)

    assert ["/title"] == [pointer for pointer, _ in refusal.errors]


def test_a_published_post_keeps_a_title() -> None:
    given(DRAFTED, PUBLISHED).when(revise(title="")).then_refused(Invalid)

    assert "" == given(DRAFTED).when(revise(title="")).decided().event.text.value.title


def test_a_post_from_elsewhere_comes_with_its_own_dates() -> None:
    given().when(take_over()).then(IMPORTED, claims=[stream_of("engines")])

    post = post_after(IMPORTED)
    assert (Stage.PUBLISHED, "engines", LONG_AGO, LONG_AGO) == (post.stage, post.slug, post.created_at, post.published_at)


def test_a_draft_from_elsewhere_is_a_draft_with_its_address_kept_for_it() -> None:
    imported = given().when(take_over(published_at=None)).decided().event

    post = post_after(imported)
    assert (Stage.DRAFT, None, LONG_AGO) == (post.stage, post.published_at, post.created_at)
    assert [stream_of("engines")] == given(imported, taken={"engines": POST}).when(publish()).decided().claims


def test_an_imported_address_avoids_those_of_other_posts() -> None:
    decision = given(taken={"engines": OTHER_POST}).when(take_over()).decided()

    assert [stream_of("engines-2")] == decision.claims


def test_the_same_post_from_elsewhere_changes_nothing_the_second_time() -> None:
    given(IMPORTED).when(take_over()).then_nothing()


def test_what_changed_elsewhere_is_a_revision_and_what_was_added_here_stays() -> None:
    here = PostRevised(post_id=POST, author_id=ADA, text=Personal(KEY, replace(TEXT, excerpt="Short.")), at=NOW)

    expected = PostRevised(post_id=POST, author_id=ADA, text=Personal(KEY, replace(TEXT, excerpt="Short.", body="Rewritten.")), at=NOW)
    changes = {"title": TEXT.title, "body": "Rewritten.", "tags": TEXT.tags}

    given(IMPORTED, here).when(take_over(changes=changes)).then(expected)
