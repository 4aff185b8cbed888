"""What commenters are promised, over HTTP, on two replicas and beside posts_service."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientSession
from pymongo import MongoClient

from comments_service.app import create_app
from comments_service.settings import CommentsSettings
from eventlog.log import places_of, read
from posts_service.app import create_app as create_posts_app
from posts_service.settings import PostsSettings
from prose import render
from tests.comments_service.conftest import Posts
from tests.kit.installation import Installation, Reply, Somebody, caught_up, installation

pytestmark = pytest.mark.integration

BODY = "Well *said*, [Ada](https://example.org)."


async def comment(author: Somebody, client: ClientSession, post: Reply, **more: Any) -> Reply:
    return await author.ask(client, "POST", "/api/comments", {"post_id": post.shown["id"], "body": BODY, **more})


async def test_a_reader_comments_on_a_post(one: ClientSession, posts: Posts, ada: Somebody, bob: Somebody) -> None:
    post = await posts.publish(ada)

    reply = await comment(bob, one, post)

    made = {name: reply.shown[name] for name in ("id", "created_at")}
    about = {"post_id": post.shown["id"], "post_version": 2, "parent_id": None, "author": bob.shown}
    said = {"body": BODY, "html": render(BODY, ugc=True).html, "state": "visible", "version": 1, "revised_at": None}
    assert (201, '"1"') == (reply.status, reply.headers["ETag"])
    assert {**made, **about, **said, "counts": {"likes": 0, "replies": 0}} == reply.shown
    assert "nofollow" in reply.shown["html"]


async def test_comments_answer_comments_on_the_same_post(
    one: ClientSession, other: ClientSession, posts: Posts, ada: Somebody, bob: Somebody
) -> None:
    post, elsewhere = await posts.publish(ada), await posts.publish(ada)
    first = await comment(bob, one, post)

    answer = await comment(ada, other, post, parent_id=first.shown["id"])
    crossed = await comment(ada, other, elsewhere, parent_id=first.shown["id"])
    to_nothing = await comment(ada, one, post, parent_id=str(uuid4()))

    assert (201, first.shown["id"]) == (answer.status, answer.shown["parent_id"])
    for refused in (crossed, to_nothing):
        assert (422, ["/parent_id"]) == (refused.status, [error["pointer"] for error in refused.shown["errors"]])


async def test_nobody_comments_on_a_post_that_is_not_there_for_them(one: ClientSession, posts: Posts, ada: Somebody) -> None:
    draft = await posts.draft(ada)

    on_a_draft = await comment(ada, one, draft)
    on_nothing = await ada.ask(one, "POST", "/api/comments", {"post_id": str(uuid4()), "body": BODY})

    assert (404, 404) == (on_a_draft.status, on_nothing.status)
    assert on_a_draft.shown["detail"] == on_nothing.shown["detail"]


async def test_a_post_just_published_can_be_commented_on_with_its_token_or_without(
    one: ClientSession, other: ClientSession, posts: Posts, ada: Somebody, bob: Somebody
) -> None:
    for number in range(20):
        post = await posts.publish(ada)
        seen = post.seen if number % 2 else {}
        asked = {"post_id": post.shown["id"], "body": BODY}
        replies = await asyncio.gather(*(bob.ask(client, "POST", "/api/comments", asked, **seen) for client in (one, other)))

        assert [(201, 2), (201, 2)] == [(reply.status, reply.shown["post_version"]) for reply in replies]


async def test_one_key_makes_one_comment_however_often_it_is_sent(
    one: ClientSession, other: ClientSession, posts: Posts, ada: Somebody, bob: Somebody
) -> None:
    asked = {"post_id": (await posts.publish(ada)).shown["id"], "body": BODY}

    tries = (bob.ask(client, "POST", "/api/comments", asked, Idempotency_Key="k") for client in (one, other) for _ in range(5))
    replies = await asyncio.gather(*tries)
    another = await bob.ask(one, "POST", "/api/comments", {**asked, "body": "other"}, Idempotency_Key="k")

    assert {(201, replies[0].shown["id"])} == {(reply.status, reply.shown["id"]) for reply in replies}
    assert (422, "key-reused") == (another.status, another.code)


async def test_a_repeat_tells_how_often_the_comment_was_answered(one: ClientSession, posts: Posts, ada: Somebody, bob: Somebody) -> None:
    asked = {"post_id": (await posts.publish(ada)).shown["id"], "body": BODY}
    first = await bob.ask(one, "POST", "/api/comments", asked, Idempotency_Key="k")
    await ada.ask(one, "POST", "/api/comments", {**asked, "parent_id": first.shown["id"]})

    again = await bob.ask(one, "POST", "/api/comments", asked, Idempotency_Key="k")

    assert {**first.shown, "counts": {"likes": 0, "replies": 1}} == again.shown


async def test_a_token_of_somebody_without_an_account_writes_nothing(
    one: ClientSession, site: Installation, posts: Posts, ada: Somebody
) -> None:
    reply = await comment(site.stranger(), one, await posts.publish(ada))

    assert (503, "behind") == (reply.status, reply.code)


@pytest.mark.parametrize(
    ("pointer", "more"),
    [
        ("/body", {"body": " \n\t"}),
        ("/body", {"body": "x" * 10_001}),
        ("/body", {"body": "a\u0000b"}),
        ("/body", {"body": {"$gt": ""}}),
        ("/post_id", {"post_id": "' OR 1=1 --"}),
        ("/post_id", {"post_id": None}),
        ("/parent_id", {"parent_id": {"$ne": None}}),
        ("/author_id", {"author_id": str(uuid4())}),
    ],
)
async def test_a_value_that_is_not_allowed_is_named(one: ClientSession, ada: Somebody, pointer: str, more: dict[str, Any]) -> None:
    reply = await ada.ask(one, "POST", "/api/comments", {"post_id": str(uuid4()), "body": BODY, **more})

    assert (422, [pointer]) == (reply.status, [error["pointer"] for error in reply.shown["errors"]])


async def test_nothing_that_a_commenter_wrote_is_readable_on_the_log(
    one: ClientSession, site: Installation, posts: Posts, ada: Somebody, bob: Somebody
) -> None:
    post = await posts.publish(ada)
    needle = "a-sentence-that-nobody-else-writes"
    assert 201 == (await comment(bob, one, post, body=f"{needle} " * 20)).status

    records = [record async for record in read(site.log, dict.fromkeys(places_of(["comments"]), 0))]

    assert 1 == len([record for record in records if record.key == post.shown["id"].encode()])
    for record in records:
        said = b"\n".join([record.key or b"", record.value or b"", *(value for _, value in record.headers)])
        assert needle.encode() not in said
        assert bob.handle.encode() not in said


async def test_everything_is_made_again_of_the_log(kafka: str, mongo: str) -> None:
    async with installation(kafka, mongo) as site:
        settings = CommentsSettings.model_validate(site.settings)
        ada = await site.somebody()
        posts_app = create_posts_app(PostsSettings.model_validate(site.settings))
        app = create_app(settings)
        async with site.running(posts_app) as posts, site.running(app) as first:
            post = await Posts(posts).publish(ada)
            said = await comment(ada, first, post)
            await comment(ada, first, post, parent_id=said.shown["id"])
            await caught_up(app)
        before = documents(site)

        site.drop_databases()
        again = create_app(settings)
        async with site.running(again):
            await caught_up(again)
            after = documents(site)

    assert [2, 1, 1] == [len(before[name]) for name in ("comments_v1", "posts_v1", "users_v1")]
    assert before == after


def documents(site: Installation) -> Mapping[str, list[dict[str, Any]]]:
    """Everything that the database holds, but who leads what."""
    with MongoClient[dict[str, Any]](site.mongo, uuidRepresentation="standard", tz_aware=True) as client:
        database = client[site.database_prefix + "comments"]
        return {name: list(database[name].find().sort("_id")) for name in database.list_collection_names() if name != "leases"}
