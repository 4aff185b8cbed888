from uuid import uuid4

import pytest

from tests.query_service import facts
from tests.query_service.authors import author, post
from tests.query_service.facts import later
from tests.query_service.running import Site


@pytest.mark.parametrize(
    "path",
    [
        "/@ada/%00",
        "/@%ff",
        "/%ff%fe",
        "/problems/%2e%2e%2f",
        "/api/query/posts/%00/%00",
        "/api/query/posts?tag=%00",
        "/api/query/posts?author=$ne&tag={$ne:1}",
        "/api/query/posts?author[$ne]=x",
        "/api/query/posts?limit=1e9",
        "/api/query/posts?limit=0",
        "/api/query/posts?cursor=%C3%A9",
        "/api/query/posts?cursor=e30&cursor=e30",
        "/api/query/posts?tag=" + "x" * 31,
        "/api/query/users/%F0%9F%99%82",
        "/?cursor=%00",
    ],
)
async def test_no_address_is_too_strange_to_be_answered(shared: Site, path: str) -> None:
    reply = await shared.get(path)

    assert reply.status in {200, 400, 404}


async def test_an_answer_is_named_by_its_content(shared: Site) -> None:
    ada, handle = await author(shared)
    post_id = await post(shared, ada, "one")
    path = f"/api/query/posts/{handle}/one"
    first = await shared.get(path)

    await shared.write(facts.registered(uuid4(), f"u{uuid4().hex[:12]}"))  # a write that has nothing to do with it
    again = await shared.get(path, If_None_Match=first.headers["ETag"])
    await shared.write(facts.commented(uuid4(), ada, post_id=post_id))
    changed = await shared.get(path, If_None_Match=first.headers["ETag"])

    assert (304, "", first.headers["ETag"], "no-cache") == (again.status, again.text, again.headers["ETag"], again.headers["Cache-Control"])
    assert (200, 1) == (changed.status, changed.json["counts"]["comments"])
    assert first.headers["ETag"] != changed.headers["ETag"]


async def test_every_write_is_seen_by_who_carries_its_token(shared: Site) -> None:
    ada, handle = await author(shared)
    post_id = await post(shared, ada, "one")

    for number in range(20):
        token = await shared.write(facts.commented(uuid4(), ada, post_id=post_id, at=later(number)))
        reply = await shared.get(f"/api/query/posts/{handle}/one", seen=token)
        assert number + 1 == reply.json["counts"]["comments"] == len(reply.json["comments"]["items"])
        assert "Consistency" not in reply.headers


async def test_an_answer_that_can_not_have_come_so_far_says_so(shared: Site) -> None:
    reply = await shared.get("/api/query/posts?limit=1", seen="posts/0:999999")

    assert (200, "behind") == (reply.status, reply.headers["Consistency"])
