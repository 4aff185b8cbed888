from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from comments_service.domain import (
    Comment,
    Post,
    PostComment,
    Thread,
    comment_stream,
    decide,
    evolve,
    evolve_post,
    evolve_thread,
    thread_stream,
)
from comments_service.projection import AGGREGATES
from eventlog.testing import Deciding
from events.base import Personal
from events.comments import CommentPosted, CommentText
from events.posts import PostAddress, PostDrafted, PostEvent, PostImported, PostPublished, PostRevised, PostText
from events.refusals import Conflict, Invalid, NotFound

ADA, BOB, POST, OTHER_POST, COMMENT, PARENT, BOBS_KEY, POST_KEY = (UUID(int=number) for number in range(1, 9))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXT = CommentText(body="Well *said*.")
POSTED = CommentPosted(
    comment_id=COMMENT, post_id=POST, post_author_id=ADA, post_version=3, author_id=BOB, text=Personal(BOBS_KEY, TEXT), at=NOW
)
DRAFTED = PostDrafted(post_id=POST, author_id=ADA, text=Personal(POST_KEY, PostText()), at=NOW)
PUBLISHED = PostPublished(post_id=POST, author_id=ADA, slug_hash="aa", address=Personal(POST_KEY, PostAddress()), at=NOW)
REVISED = PostRevised(post_id=POST, author_id=ADA, text=Personal(POST_KEY, PostText()), at=NOW)


def comment(**changes: Any) -> PostComment:
    usual = {"comment_id": COMMENT, "post_id": POST, "post": Post(author_id=ADA, published=True), "post_version": 3, "parent_id": None}
    return PostComment(**{**usual, "by": BOB, "kid": BOBS_KEY, "text": TEXT, "now": NOW, **changes})


COMMENTS = Deciding(decide, AGGREGATES)


def test_a_reader_comments_on_a_post_and_relies_on_its_thread() -> None:
    COMMENTS.given().when(comment()).then(POSTED, reads=[f"thread:{POST}"])


def test_a_reader_answers_a_comment() -> None:
    parent = Comment(comment_id=PARENT, post_id=POST)

    decision = COMMENTS.given(others={comment_stream(PARENT): parent}).when(comment(parent_id=PARENT)).decided()

    assert PARENT == decision.event.parent_id


@pytest.mark.parametrize("parent", [Comment(), Comment(comment_id=PARENT, post_id=OTHER_POST)])
def test_an_answer_is_about_the_same_post(parent: Comment) -> None:
    refusal = COMMENTS.given(others={comment_stream(PARENT): parent}).when(comment(parent_id=PARENT)).then_refused(Invalid)

    assert ["/parent_id"] == [pointer for pointer, _ in refusal.errors]


@pytest.mark.parametrize("post", [Post(), Post(author_id=ADA)])
def test_nobody_comments_on_a_post_that_is_not_there_for_them(post: Post) -> None:
    COMMENTS.given().when(comment(post=post)).then_refused(NotFound)


def test_nobody_comments_in_a_closed_thread() -> None:
    COMMENTS.given(others={thread_stream(POST): Thread(closed=True)}).when(comment()).then_refused(Conflict)


def test_a_comment_is_made_once() -> None:
    COMMENTS.given(POSTED).when(comment()).then_nothing()


def test_a_comment_is_as_it_was_written() -> None:
    assert Comment(comment_id=COMMENT, post_id=POST, post_version=3, author_id=BOB, kid=BOBS_KEY, body=TEXT.body, created_at=NOW) == evolve(
        Comment(), POSTED
    )


def test_a_comment_leaves_its_thread_as_it_is() -> None:
    assert Thread() == evolve_thread(Thread(), POSTED)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([DRAFTED], False),
        ([DRAFTED, REVISED], False),
        ([DRAFTED, PUBLISHED], True),
        ([DRAFTED, PUBLISHED, REVISED], True),
        ([PostImported(post_id=POST, author_id=ADA, source="", text=DRAFTED.text, published=False, created_at=NOW, at=NOW)], False),
        ([PostImported(post_id=POST, author_id=ADA, source="", text=DRAFTED.text, published=True, created_at=NOW, at=NOW)], True),
    ],
)
def test_a_post_is_known_by_its_author_and_whether_it_is_published(events: list[PostEvent], *, expected: bool) -> None:
    post = Post()
    for event in events:
        post = evolve_post(post, event)

    assert Post(author_id=ADA, published=expected) == post
