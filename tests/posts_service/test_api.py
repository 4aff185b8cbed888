"""What authors are promised, over HTTP, on two replicas."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientSession

from prose import render
from tests.kit.installation import PUBLIC_URL, Installation, Reply, Somebody

pytestmark = pytest.mark.integration

TEXT = {"title": "On Engines", "body": "They *weave* algebra.\n"}


async def drafted(author: Somebody, client: ClientSession, **more: Any) -> Reply:
    reply = await author.ask(client, "POST", "/api/posts", {**TEXT, **more})
    assert 201 == reply.status, reply.shown
    return reply


async def published(author: Somebody, client: ClientSession, post: Reply, slug: str | None = None) -> Reply:
    asked = {} if slug is None else {"slug": slug}
    return await author.ask(client, "POST", f"/api/posts/{post.shown['id']}/publish", asked, **post.seen)


async def test_an_author_begins_a_draft(one: ClientSession, ada: Somebody) -> None:
    reply = await drafted(ada, one, tags=["  Steam Engines ", "steam-engines", "Über"], excerpt="Short.", language="en")

    made = {name: reply.shown[name] for name in ("id", "created_at")}
    said = {"slug": None, "tags": ["steam-engines", "über"], "excerpt": "Short.", "cover": None, "canonical": None, "language": "en"}
    state = {"stage": "draft", "version": 1, "published_at": None, "revised_at": None, "scheduled_for": None, "url": None}
    assert {**made, **TEXT, "author": ada.shown, **said, **state} == reply.shown
    assert '"1"' == reply.headers["ETag"]


async def test_a_draft_may_be_empty_yet(one: ClientSession, ada: Somebody) -> None:
    reply = await drafted(ada, one, title=" ", body="", excerpt="", cover=" ")

    assert ("", "", None, None) == tuple(reply.shown[name] for name in ("title", "body", "excerpt", "cover"))


async def test_an_author_reads_their_draft_on_any_replica(one: ClientSession, other: ClientSession, ada: Somebody) -> None:
    written = await drafted(ada, one)

    for client in (one, other):
        read = await ada.ask(client, "GET", f"/api/posts/{written.shown['id']}", **written.seen)
        assert (200, written.shown, '"1"') == (read.status, read.shown, read.headers["ETag"])


async def test_an_author_revises_what_they_name(one: ClientSession, other: ClientSession, ada: Somebody) -> None:
    draft = await drafted(ada, one, excerpt="Short.", tags=["engines"])

    reply = await ada.ask(
        other,
        "PATCH",
        f"/api/posts/{draft.shown['id']}",
        {"body": "Rewritten.", "excerpt": None, "note": "all of it", "minor": True},
        **draft.seen,
        **draft.unchanged,
    )

    changed = {"body": "Rewritten.", "excerpt": None, "version": 2, "revised_at": reply.shown["revised_at"]}
    assert (200, {**draft.shown, **changed}, '"2"') == (reply.status, reply.shown, reply.headers["ETag"])
    assert reply.shown["revised_at"] is not None


async def test_revising_to_the_same_text_appends_nothing(one: ClientSession, ada: Somebody, site: Installation) -> None:
    draft = await drafted(ada, one)
    before = await site.ends("posts")

    reply = await ada.ask(one, "PATCH", f"/api/posts/{draft.shown['id']}", TEXT, **draft.seen, **draft.unchanged)

    assert (200, draft.shown) == (reply.status, reply.shown)
    assert before == await site.ends("posts")


async def test_a_revision_names_the_version_that_it_changes(one: ClientSession, ada: Somebody) -> None:
    draft = await drafted(ada, one)
    path = f"/api/posts/{draft.shown['id']}"

    unconditional = await ada.ask(one, "PATCH", path, {"body": "x"}, **draft.seen)
    stale = await ada.ask(one, "PATCH", path, {"body": "x"}, **draft.seen, If_Match='"7"')

    assert (428, "precondition-required") == (unconditional.status, unconditional.code)
    assert (412, 1, '"1"') == (stale.status, stale.shown["current_version"], stale.headers["ETag"])


async def test_of_parallel_revisions_of_one_version_one_is_made(one: ClientSession, other: ClientSession, ada: Somebody) -> None:
    draft = await drafted(ada, one)

    async def revise(number: int) -> Reply:
        asked = {"body": f"version of writer {number}"}
        client = (one, other)[number % 2]
        return await ada.ask(client, "PATCH", f"/api/posts/{draft.shown['id']}", asked, **draft.seen, **draft.unchanged)

    replies = await asyncio.gather(*map(revise, range(20)))

    assert [200] + [412] * 19 == sorted(reply.status for reply in replies)
    assert {2} == {reply.shown["current_version"] for reply in replies if reply.status == 412}


async def test_one_key_makes_one_post_however_often_it_is_sent(one: ClientSession, other: ClientSession, ada: Somebody) -> None:
    tries = (ada.ask(client, "POST", "/api/posts", TEXT, Idempotency_Key='"mine"') for client in (one, other) for _ in range(10))
    replies = await asyncio.gather(*tries)
    listed = await ada.ask(one, "GET", "/api/posts/mine", **replies[0].seen)

    assert {201} == {reply.status for reply in replies}, [reply.shown for reply in replies if reply.status != 201]
    assert [replies[0].shown] * 20 == [reply.shown for reply in replies]
    assert [replies[0].shown["id"]] == [post["id"] for post in listed.shown["items"]]


async def test_a_key_does_not_serve_two_requests(one: ClientSession, ada: Somebody, bob: Somebody) -> None:
    first = await ada.ask(one, "POST", "/api/posts", TEXT, Idempotency_Key="k")

    another = await ada.ask(one, "POST", "/api/posts", {**TEXT, "body": "other"}, Idempotency_Key="k")
    bobs = await bob.ask(one, "POST", "/api/posts", TEXT, Idempotency_Key="k")

    assert (422, "key-reused") == (another.status, another.code)
    assert 201 == bobs.status
    assert first.shown["id"] != bobs.shown["id"]


async def test_a_field_that_is_cleared_is_another_request_than_one_that_is_not_named(one: ClientSession, ada: Somebody) -> None:
    draft = await drafted(ada, one, excerpt="Short.")
    path, named = f"/api/posts/{draft.shown['id']}", {**draft.seen, "Idempotency-Key": "k"}
    await ada.ask(one, "PATCH", path, {"body": "other"}, **named, **draft.unchanged)

    another = await ada.ask(one, "PATCH", path, {"body": "other", "excerpt": None}, **named, If_Match='"2"')

    assert (422, "key-reused") == (another.status, another.code)


@pytest.mark.parametrize(
    ("method", "more", "asked"), [("GET", "", None), ("PATCH", "", {"body": "mine now"}), ("POST", "/publish", {"slug": "mine"})]
)
async def test_a_stranger_learns_of_no_post(
    one: ClientSession, ada: Somebody, bob: Somebody, method: str, more: str, asked: dict[str, str] | None
) -> None:
    draft = await drafted(ada, one)

    there = await bob.ask(one, method, f"/api/posts/{draft.shown['id']}{more}", asked, **draft.seen, If_Match='"1"')
    not_there = await bob.ask(one, method, f"/api/posts/{uuid4()}{more}", asked, If_Match='"1"')

    assert (404, "not-found") == (there.status, there.code)
    assert (404, there.shown["detail"]) == (not_there.status, not_there.shown["detail"])


async def test_a_post_is_published_at_an_address_made_of_its_title(one: ClientSession, ada: Somebody) -> None:
    draft = await drafted(ada, one, title="Größe & Maß")

    reply = await published(ada, one, draft)

    shown = {"stage": "published", "slug": "größe-maß", "version": 2, "published_at": reply.shown["published_at"]}
    assert (200, {**draft.shown, **shown, "url": f"{PUBLIC_URL}/@{ada.handle}/gr%C3%B6%C3%9Fe-ma%C3%9F"}) == (reply.status, reply.shown)
    assert reply.shown["published_at"] is not None


async def test_publishing_again_changes_nothing_and_moves_nothing(one: ClientSession, other: ClientSession, ada: Somebody) -> None:
    first = await published(ada, one, await drafted(ada, one), "First Place")

    again = await published(ada, other, first)
    moved = await published(ada, other, first, "second-place")

    assert ("first-place", 200, first.shown) == (first.shown["slug"], again.status, again.shown)
    assert (409, "conflict") == (moved.status, moved.code)


async def test_an_address_is_given_once(one: ClientSession, ada: Somebody, bob: Somebody) -> None:
    await published(ada, one, await drafted(ada, one), "engines")

    refused = await published(ada, one, await drafted(ada, one), "Engines!")
    bobs = await published(bob, one, await drafted(bob, one), "engines")

    assert (409, "slug-taken") == (refused.status, refused.code)
    assert (200, "engines") == (bobs.status, bobs.shown["slug"])


async def test_posts_of_one_title_published_at_once_get_addresses_of_their_own(
    one: ClientSession, other: ClientSession, ada: Somebody
) -> None:
    drafts = await asyncio.gather(*(drafted(ada, client) for client in (one, other) for _ in range(2)))

    replies = await asyncio.gather(*(published(ada, client, draft) for draft, client in zip(drafts, (one, other) * 2, strict=True)))

    assert ["on-engines", "on-engines-2", "on-engines-3", "on-engines-4"] == sorted(reply.shown["slug"] for reply in replies)


async def test_a_post_needs_a_title_to_be_published(one: ClientSession, ada: Somebody) -> None:
    reply = await published(ada, one, await drafted(ada, one, title=""))

    assert (422, ["/title"]) == (reply.status, [error["pointer"] for error in reply.shown["errors"]])


async def test_an_author_lists_their_posts_page_by_page(one: ClientSession, ada: Somebody, bob: Somebody) -> None:
    await drafted(bob, one)
    posts = [await drafted(ada, one, title=f"Number {number}") for number in range(3)]
    last = await published(ada, one, posts[0])

    first_page = await ada.ask(one, "GET", "/api/posts/mine?limit=2", **last.seen)
    link = first_page.headers["Link"].partition(">")[0].removeprefix("<")
    second_page = await ada.ask(one, "GET", link)
    only_drafts = await ada.ask(one, "GET", "/api/posts/mine?stage=draft")

    items = first_page.shown["items"] + second_page.shown["items"]
    assert ["Number 0", "Number 2", "Number 1"] == [post["title"] for post in items]
    assert (2, None) == (len(first_page.shown["items"]), second_page.shown["next"])
    assert {name: value for name, value in last.shown.items() if name != "body"} == items[0]
    assert ["Number 2", "Number 1"] == [post["title"] for post in only_drafts.shown["items"]]


async def test_a_preview_is_what_readers_would_see(one: ClientSession, ada: Somebody) -> None:
    text = "# One\n\n## Two\n\n`code` <script>alert(1)</script>"

    reply = await ada.ask(one, "POST", "/api/posts/preview", {"body": text})

    expected = render(text)
    assert (200, expected.html, expected.excerpt) == (reply.status, reply.shown["html"], reply.shown["excerpt"])
    assert (expected.words, expected.reading_minutes) == (reply.shown["words"], reply.shown["reading_minutes"])
    assert [(heading.level, heading.id, heading.text) for heading in expected.toc] == [tuple(each.values()) for each in reply.shown["toc"]]


async def test_a_token_of_somebody_without_an_account_writes_nothing(one: ClientSession, site: Installation) -> None:
    reply = await site.stranger().ask(one, "POST", "/api/posts", TEXT)

    assert (503, "behind") == (reply.status, reply.code)


async def test_an_address_of_no_command_is_not_found(one: ClientSession, ada: Somebody) -> None:
    reply = await ada.ask(one, "GET", f"/api/posts/commands/posts.{ada.id}.{uuid4()}.{'0' * 32}")

    assert (404, "not-found") == (reply.status, reply.code)
