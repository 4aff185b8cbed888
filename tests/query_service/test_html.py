import json
from pathlib import Path
from uuid import uuid4

import pytest

from query_service.pages import POLICY
from query_service.pages.assets import MANIFEST
from tests.query_service import facts
from tests.query_service.authors import author, post
from tests.query_service.facts import ADA, ANSWER, BO, FIRST, OTHER_POST, POST, later
from tests.query_service.markup import Markup
from tests.query_service.running import Site
from tests.query_service.test_pages import BUILT, LIVE


async def test_a_page_carries_what_the_api_replies(shared: Site) -> None:
    ada, handle = await author(shared)
    post_id = await post(shared, ada, "one")
    await shared.write(facts.commented(uuid4(), ada, post_id=post_id))

    article = await shared.get(f"/@{handle}/one")
    profile = await shared.get(f"/@{handle}")
    home = await shared.get("/")

    assert (await shared.get(f"/api/query/posts/{handle}/one")).json == Markup(article.text).json
    user, posts = [(await shared.get(path)).json for path in (f"/api/query/users/{handle}", f"/api/query/posts?author={handle}")]
    assert {"user": user, "posts": posts} == Markup(profile.text).json
    assert (await shared.get("/api/query/posts")).json == Markup(home.text).json


async def test_an_article_reads_well_without_any_script(shared: Site) -> None:
    ada, handle = await author(shared)
    post_id = await post(shared, ada, "one", title="On engines", language="de")
    await shared.write(facts.commented(uuid4(), ada, post_id=post_id, body="So *true*."))

    page = await shared.get(f"/@{handle}/one")

    markup = Markup(page.text)
    assert [{"lang": "de"}] == markup.elements("html")
    assert ("text", "On engines") in markup.pieces
    assert {"class": "when", "datetime": "2026-03-01T12:30:15.123000Z"} in markup.elements("time")
    assert ("<", "em") == markup.pieces[markup.pieces.index(("text", "true")) - 1]


async def test_pages_go_on_where_one_ends(shared: Site) -> None:
    ada, handle = await author(shared)
    for number in range(21):
        await post(shared, ada, f"p{number}", minutes=number)

    first = Markup((await shared.get(f"/@{handle}")).text)
    onward = next(each["href"] for each in first.elements("a") if each.get("rel") == "next")
    second = Markup((await shared.get(onward)).text)

    assert [f"p{number}" for number in range(20, -1, -1)] == [
        entry["slug"] for page in (first, second) for entry in page.json["posts"]["items"]
    ]
    assert not [each for each in second.elements("a") if each.get("rel") == "next"]


async def test_a_handle_with_capitals_moves_to_the_one_address(shared: Site) -> None:
    ada, handle = await author(shared)
    await post(shared, ada, "ünder")

    moved = [await shared.get(path) for path in (f"/@{handle.upper()}", f"/@{handle.upper()}?cursor=abc", f"/@{handle.upper()}/ünder")]

    assert [(301, f"/@{handle}"), (301, f"/@{handle}?cursor=abc"), (301, f"/@{handle}/%C3%BCnder")] == [
        (reply.status, reply.headers["Location"]) for reply in moved
    ]


async def test_an_address_with_a_slash_at_its_end_moves_to_the_one_without(shared: Site) -> None:
    moved = [await shared.get(path) for path in ("/@ada/", "/@ada/a-post/?x=1", "/@ada/%C3%BCnder/")]

    assert [(301, "/@ada"), (301, "/@ada/a-post?x=1"), (301, "/@ada/%C3%BCnder")] == [
        (reply.status, reply.headers["Location"]) for reply in moved
    ]


@pytest.mark.parametrize(
    "path", ["/@nobody", "/@nobody/nothing", "/@x", "/@a%20b", "/nothing", "/a/b/c", "/problems/nothing", "/@" + "x" * 400]
)
async def test_where_nothing_is_a_page_says_so(shared: Site, path: str) -> None:
    reply = await shared.get(path)

    markup = Markup(reply.text)
    assert (404, 404, "text/html; charset=utf-8") == (reply.status, markup.json["status"], reply.headers["Content-Type"])
    assert ("text", "There is no page here") in markup.pieces


async def test_what_can_not_be_read_is_told_on_a_page(shared: Site) -> None:
    reply = await shared.get("/?cursor=nonsense")

    assert 400 == reply.status
    assert ("text", "The cursor is not one that this list gave.") in Markup(reply.text).pieces


async def test_other_methods_are_no_pages(shared: Site) -> None:
    assert shared.client is not None
    async with shared.client.post("/") as response:
        assert (405, "/problems/method-not-allowed") == (response.status, (await response.json())["type"])


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up?next=/write", "/write", f"/write/{POST}", "/drafts"])
async def test_the_app_has_a_frame_for_its_own_pages(shared: Site, path: str) -> None:
    reply = await shared.get(path)

    assert (200, None) == (reply.status, Markup(reply.text).json)


async def test_pages_run_nothing_that_is_not_ours(shared: Site) -> None:
    replies = [await shared.get(path) for path in ("/", "/nothing", "/write", "/api/docs", "/problems/gone", "/?cursor=nonsense")]

    assert [POLICY] * 6 == [reply.headers["Content-Security-Policy"] for reply in replies]
    assert "unsafe" not in POLICY
    assert ["nosniff"] * 6 == [reply.headers["X-Content-Type-Options"] for reply in replies]


async def test_the_api_and_its_problems_are_explained(shared: Site) -> None:
    docs, gone = await shared.get("/api/docs"), await shared.get("/problems/gone")

    links = {each["href"] for each in Markup(docs.text).elements("a")}
    assert {f"/api/{name}/openapi.json" for name in ("auth", "posts", "comments", "query")} <= links
    assert ("text", "This was here and has been deleted.") in Markup(gone.text).pieces


async def test_crawlers_are_kept_from_what_needs_an_account(shared: Site) -> None:
    reply = await shared.get("/robots.txt")

    assert "Disallow: /write" in reply.text


async def test_a_page_that_has_not_changed_is_not_sent_again(shared: Site) -> None:
    _, handle = await author(shared)
    first = await shared.get(f"/@{handle}")

    again = await shared.get(f"/@{handle}", If_None_Match=f"W/{first.headers['ETag']}")

    assert (304, "") == (again.status, again.text)
    assert first.headers["Content-Security-Policy"] == again.headers["Content-Security-Policy"]


async def test_a_page_waits_for_what_the_cookie_has_seen(shared: Site) -> None:
    ada, handle = await author(shared)

    for number in range(10):
        post_id = uuid4()
        token = await shared.write(facts.imported(post_id, ada, slug=f"p{number}", created_at=later(0)))
        reply = await shared.get(f"/@{handle}/p{number}", seen="", Cookie=f"inkstream_token={token}")
        assert 200 == reply.status


async def test_nothing_that_people_type_is_live_on_any_page(shared: Site) -> None:
    ada, handle = await author(shared, name=LIVE[:80], bio=LIVE)
    post_id = await post(
        shared, ada, "one", 100_000, title=LIVE, body=f"{LIVE}\n\n## {LIVE}\n\n## b", tags=(LIVE,), excerpt=LIVE, cover=LIVE, language=LIVE
    )
    await shared.write(facts.commented(uuid4(), ada, post_id=post_id, body=LIVE))

    for path in ("/", f"/@{handle}", f"/@{handle}/one"):
        page = Markup((await shared.get(path)).text)
        assert all(each.keys() in ({"type", "id"}, {"src"}, {"type", "src"}) for each in page.elements("script"))
        assert not [each for each in page.elements("img") if "onerror" in each]
        assert LIVE in json.dumps(page.json, ensure_ascii=False).replace('\\"', '"')


async def test_an_empty_home_invites_to_begin(own: Site) -> None:
    async with own.reading():
        page = Markup((await own.get("/")).text)

    assert "/sign-up" in [each["href"] for each in page.elements("a")]
    assert {"items": [], "next": None} == page.json


async def test_a_rebuilt_database_gives_the_same_bytes(own: Site) -> None:
    await own.write(facts.registered(ADA, "ada"), facts.registered(BO, "bo_", "Bo", "Writes."))
    await own.write(facts.drafted(), facts.published(), facts.revised(at=later(3)), facts.drafted(OTHER_POST, BO))
    await own.write(facts.imported(uuid4(), BO, slug="old", created_at=later(-9), published_at=later(-8)))
    await own.write(facts.commented(FIRST), facts.commented(ANSWER, ADA, FIRST, at=later(1)))
    paths = ("/", "/@ada", "/@bo_", "/@ada/engines", "/@bo_/old")

    async with own.reading():
        before = [await own.get(path) for path in paths]
    own.drop_databases()
    async with own.reading():
        after = [await own.get(path) for path in paths]

    assert [200] * 5 == [reply.status for reply in before]
    assert [(reply.text, reply.headers["ETag"]) for reply in before] == [(reply.text, reply.headers["ETag"]) for reply in after]


async def test_the_process_is_ready_once_the_app_is_built(own: Site, tmp_path: Path) -> None:
    async with own.reading(assets=tmp_path):
        before = await own.get("/readyz")
        unstyled, no_icon = await own.get("/"), await own.get("/favicon.ico")
        (tmp_path / MANIFEST).parent.mkdir()
        (tmp_path / MANIFEST).write_text(json.dumps(BUILT))
        after = await own.get("/readyz")
        styled, icon = await own.get("/"), await own.get("/favicon.ico")

    assert (503, False) == (before.status, "ok" == before.json["checks"]["assets"])
    assert (200, 404, False) == (unstyled.status, no_icon.status, "stylesheet" in unstyled.text)
    assert "ok" == after.json["checks"]["assets"]
    assert '<link rel="stylesheet" href="/assets/main-3.css">' in styled.text
    assert (302, "/assets/icon-4.svg") == (icon.status, icon.headers["Location"])
