import base64
import json
from datetime import UTC, datetime
from uuid import uuid4

from query_service.bodies import Latest, Said
from tests.query_service import facts
from tests.query_service.authors import author, post
from tests.query_service.facts import later
from tests.query_service.running import Site


async def test_a_post_is_shown_with_all_that_is_known_of_it(shared: Site) -> None:
    ada, handle = await author(shared)
    bo, _ = await author(shared, name="Bo")
    post_id = await post(shared, ada, "über-maschinen", tags=("engines", "notes"), language="de")
    revision = facts.revised(post_id, ada, at=later(9), title="Über Maschinen", tags=("engines",), language="de")
    said = facts.commented(uuid4(), bo, post_id=post_id, at=later(10))
    await shared.write(revision, said)

    reply = await shared.get(f"/api/query/posts/{handle}/über-maschinen")

    comments = reply.json.pop("comments")
    html = reply.json.pop("html")
    assert {
        "id": str(post_id),
        "author": {"id": str(ada), "handle": handle, "name": "Ada Lovelace"},
        "title": "Über Maschinen",
        "body": facts.MARKDOWN,
        "slug": "über-maschinen",
        "tags": ["engines"],
        "excerpt": None,
        "summary": "Because engines think.",
        "cover": None,
        "canonical": None,
        "language": "de",
        "stage": "published",
        "version": 3,
        "created_at": "2026-03-01T12:30:15.123000Z",
        "published_at": "2026-03-01T12:30:15.123000Z",
        "revised_at": "2026-03-01T12:39:15.123000Z",
        "scheduled_for": None,
        "url": f"https://blog.example/@{handle}/%C3%BCber-maschinen",
        "reading_minutes": 1,
        "words": 4,
        "counts": {"comments": 1, "likes": 0},
        "edited": {"at": "2026-03-01T12:39:15.123000Z", "changes": 1},
        "toc": [{"id": "h-why", "text": "Why", "level": 2}],
    } == reply.json
    assert "<em>engines</em>" in html
    assert {
        "items": [
            {
                "id": str(said.comment_id),
                "post_id": str(post_id),
                "post_version": 2,
                "parent_id": None,
                "author": {"id": str(bo), "handle": f"u{bo.hex[:12]}", "name": "Bo"},
                "body": "Well *said*.",
                "html": "<p>Well <em>said</em>.</p>\n",
                "state": "visible",
                "version": 1,
                "created_at": "2026-03-01T12:40:15.123000Z",
                "revised_at": None,
                "counts": {"likes": 0, "replies": 0},
                "depth": 0,
                "path": "00001",
            }
        ],
        "next": None,
    } == comments


async def test_a_list_shows_posts_without_their_texts(shared: Site) -> None:
    ada, handle = await author(shared)
    await post(shared, ada, "one")

    listed = (await shared.get(f"/api/query/posts?author={handle.upper()}")).json["items"]
    alone = (await shared.get(f"/api/query/posts/{handle}/one")).json

    assert [{name: value for name, value in alone.items() if name not in {"body", "html", "toc", "comments"}}] == listed


async def test_posts_of_one_moment_come_once_each_on_however_many_pages(shared: Site) -> None:
    ada, handle = await author(shared)
    written = [await post(shared, ada, f"p{number}", minutes=number // 5) for number in range(12)]

    found = await shared.every(f"/api/query/posts?author={handle}&limit=5")

    assert sorted(map(str, written)) == sorted(entry["id"] for entry in found)
    assert sorted(((e["published_at"], e["id"]) for e in found), reverse=True) == [(e["published_at"], e["id"]) for e in found]


async def test_a_page_says_where_the_next_one_is(shared: Site) -> None:
    ada, handle = await author(shared)
    for slug in ("one", "two"):
        await post(shared, ada, slug)

    first = await shared.get(f"/api/query/posts?author={handle}&limit=1")
    link = first.headers["Link"]
    second = await shared.get(link[1 : link.index(">")])

    assert f'</api/query/posts?limit=1&author={handle}&cursor={first.json["next"]}>; rel="next"' == link
    assert (1, None) == (len(second.json["items"]), second.json["next"])
    assert "Link" not in second.headers


async def test_posts_are_found_by_tag_and_by_tag_and_author(shared: Site) -> None:
    tag = f"t-{uuid4().hex[:8]}"
    (ada, handle), (bo, _) = await author(shared), await author(shared)
    adas, bos = await post(shared, ada, "a", tags=(tag, "x")), await post(shared, bo, "b", 1, tags=("x", tag))

    by_tag = (await shared.get(f"/api/query/posts?tag={tag}")).json["items"]
    by_both = (await shared.get(f"/api/query/posts?tag={tag}&author={handle}")).json["items"]

    assert [str(bos), str(adas)] == [entry["id"] for entry in by_tag]
    assert [str(adas)] == [entry["id"] for entry in by_both]


async def test_nobody_sees_a_draft(shared: Site) -> None:
    ada, handle = await author(shared)
    draft = uuid4()
    await shared.write(facts.drafted(uuid4(), ada), facts.imported(draft, ada, slug="kept", shown=False, created_at=later(-9)))

    assert [] == (await shared.get(f"/api/query/posts?author={handle}")).json["items"]
    assert 404 == (await shared.get(f"/api/query/posts/{handle}/kept")).status
    assert 404 == (await shared.get(f"/api/query/posts/{draft}/comments")).status
    assert 0 == (await shared.get(f"/api/query/users/{handle}")).json["counts"]["posts"]


async def test_a_thread_is_flat_and_in_order_on_however_many_pages(shared: Site) -> None:
    ada, _ = await author(shared)
    post_id = await post(shared, ada, "one")
    first, second, answer, lost = (uuid4() for _ in range(4))
    for number, (comment_id, parent) in enumerate([(first, None), (second, None), (answer, first), (lost, uuid4())]):
        await shared.write(facts.commented(comment_id, ada, parent, post_id=post_id, at=later(number)))

    found = await shared.every(f"/api/query/posts/{post_id}/comments?limit=1")

    expected = [(first, 0, 1), (answer, 1, 0), (second, 0, 0), (lost, 0, 0)]
    assert [(str(i), depth, replies) for i, depth, replies in expected] == [(c["id"], c["depth"], c["counts"]["replies"]) for c in found]
    assert sorted(c["path"] for c in found) == [c["path"] for c in found]


async def test_a_person_is_shown_with_what_they_published(shared: Site) -> None:
    ada, handle = await author(shared, bio="Of engines.")
    await post(shared, ada, "one")

    reply = await shared.get(f"/api/query/users/{handle.upper()}")

    who = {"id": str(ada), "handle": handle, "name": "Ada Lovelace", "bio": "Of engines."}
    assert {**who, "created_at": "2026-03-01T12:30:15.123000Z", "counts": {"posts": 1}} == reply.json


async def test_who_has_no_name_is_called_by_handle(shared: Site) -> None:
    _, handle = await author(shared, name="")

    assert handle == (await shared.get(f"/api/query/users/{handle}")).json["name"]


async def test_what_is_not_there_is_a_problem(shared: Site) -> None:
    _, handle = await author(shared)
    paths = ["users/nobody", f"posts/{handle}/nothing", "posts/nobody/nothing", f"posts/{uuid4()}/comments", f"posts/{handle}/" + "x" * 300]

    replies = [await shared.get(f"/api/query/{path}") for path in [*paths, "nothing"]]

    assert [(404, "/problems/not-found")] * 6 == [(reply.status, reply.json["type"]) for reply in replies]
    assert {"items": [], "next": None} == (await shared.get("/api/query/posts?author=nobody")).json


async def test_a_cursor_of_another_list_is_refused(shared: Site) -> None:
    ada, _ = await author(shared)
    post_id = await post(shared, ada, "one")
    of_posts, of_comments = Latest.at(later(0), post_id).cursor(), Said(id=uuid4()).cursor()

    asked = [f"posts?cursor={of_comments}", f"posts/{post_id}/comments?cursor={of_posts}", f"posts/{post_id}/comments?cursor={of_comments}"]
    replies = [await shared.get(f"/api/query/{path}") for path in asked]

    assert [400] * 3 == [reply.status for reply in replies]


async def test_a_page_may_begin_anywhere_in_time(shared: Site) -> None:
    ada, handle = await author(shared)
    post_id = await post(shared, ada, "one")
    ends = [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]

    pages = [(await shared.get(f"/api/query/posts?author={handle}&cursor={Latest.at(end, post_id).cursor()}")).json for end in ends]
    beyond = base64.urlsafe_b64encode(b'{"ms":99999999999999999999,"id":"%s"}' % str(post_id).encode()).decode()

    assert [[], [str(post_id)]] == [[entry["id"] for entry in page["items"]] for page in pages]
    assert 400 == (await shared.get(f"/api/query/posts?cursor={beyond}")).status


async def test_an_author_who_is_not_known_yet_hides_posts_but_no_comments(shared: Site) -> None:
    ada, handle = await author(shared)
    post_id = await post(shared, ada, "one")
    stranger = uuid4()
    tag = uuid4().hex[:8]
    await post(shared, stranger, "two", tags=(tag,))
    await shared.write(facts.commented(uuid4(), stranger, post_id=post_id))

    listed = (await shared.get(f"/api/query/posts?tag={tag}")).json
    comments = (await shared.get(f"/api/query/posts/{post_id}/comments")).json["items"]

    assert {"items": [], "next": None} == listed
    assert [{"id": str(stranger), "handle": "", "name": "Somebody"}] == [comment["author"] for comment in comments]
    assert 200 == (await shared.get(f"/@{handle}/one")).status


async def test_of_who_is_erased_nothing_is_left_but_their_place_in_a_thread(own: Site) -> None:
    ada, bo = uuid4(), uuid4()
    await own.write(facts.registered(ada, "ada"), facts.registered(bo, "bo_", "Bo Diddley"))
    async with own.reading():
        post_id = await post(own, ada, "one")
        await post(own, bo, "two")
        await own.write(facts.commented(uuid4(), bo, post_id=post_id, body="My own words"))
    await own.erase(facts.key_of(bo))
    own.drop_databases()

    async with own.reading():
        article = await own.get("/@ada/one")
        listed = await own.get("/api/query/posts")
        gone = [await own.get(path) for path in ("/@bo_", "/@bo_/two", "/api/query/users/bo_")]

    said = json.loads(article.text.partition('id="page">')[2].partition("</script>")[0])["comments"]["items"][0]
    assert (200, {"id": str(bo), "handle": "", "name": "Deleted account"}, "") == (article.status, said["author"], said["body"])
    assert ["one"] == [entry["slug"] for entry in listed.json["items"]]
    assert [404] * 3 == [reply.status for reply in gone]
    assert not [word for word in ("Diddley", "My own words") for reply in (article, listed) if word in reply.text]


async def test_the_openapi_document_names_every_read(shared: Site) -> None:
    paths = (await shared.get("/api/query/openapi.json")).json["paths"]

    assert {
        "/api/query/posts",
        "/api/query/posts/{post_id}/comments",
        "/api/query/posts/{author}/{slug}",
        "/api/query/users/{handle}",
    } == set(paths)
