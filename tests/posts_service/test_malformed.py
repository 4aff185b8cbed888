"""Whatever is sent, the answer is a problem that the sender can act on, and never a fault of ours."""

from io import BytesIO
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.kit.installation import Somebody

pytestmark = pytest.mark.integration

TEXT = {"title": "On Engines", "body": "They weave."}


@pytest.mark.parametrize(
    ("pointer", "more"),
    [
        ("/title", {"title": "x" * 201}),
        ("/title", {"title": "two\nlines"}),
        ("/title", {"title": None}),
        ("/title", {"title": {"$gt": ""}}),
        ("/body", {"body": "é" * (128 * 1024) + "x"}),
        ("/body", {"body": "a\u0007b"}),
        ("/body", {"body": ["$where"]}),
        ("/tags", {"tags": list("abcdef")}),
        ("/tags", {"tags": "'; DROP TABLE posts; --"}),
        ("/tags/1", {"tags": ["a", " "]}),
        ("/tags/0", {"tags": ["x" * 31]}),
        ("/excerpt", {"excerpt": "x" * 301}),
        ("/cover", {"cover": "javascript:alert(1)"}),
        ("/cover", {"cover": "http://"}),
        ("/cover", {"cover": "https://example.org:99999/x.png"}),
        ("/canonical", {"canonical": "https://[::1/"}),
        ("/canonical", {"canonical": f"https://example.org/{'x' * 2000}"}),
        ("/canonical", {"canonical": "https://exa mple.org/"}),
        ("/language", {"language": "deutsch bitte"}),
        ("/author_id", {"author_id": "00000000-0000-0000-0000-000000000001"}),
        ("/stage", {"stage": "published"}),
    ],
)
async def test_a_value_that_is_not_allowed_is_named(one: ClientSession, ada: Somebody, pointer: str, more: dict[str, Any]) -> None:
    reply = await ada.ask(one, "POST", "/api/posts", {**TEXT, **more})

    assert (422, "invalid", [pointer]) == (reply.status, reply.code, [error["pointer"] for error in reply.shown["errors"]])


async def test_a_control_character_is_refused_with_its_place(one: ClientSession, ada: Somebody) -> None:
    reply = await ada.ask(one, "POST", "/api/posts", {**TEXT, "body": "ab\u0000c"})

    assert "character 3 is U+0000, a control character" == reply.shown["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("expected", "data", "content_type"),
    [
        (400, b"", "application/json"),
        (400, b"{", "application/json"),
        (400, b"\xff\xfe", "application/json"),
        (400, b'{"title": NaN}', "application/json"),
        (400, b"[" * 100_000, "application/json"),
        (422, b"[]", "application/json"),
        (422, b"{}", "application/json"),
        (415, b"title=x", "application/x-www-form-urlencoded"),
        (413, b" " * (5 << 20), "application/json"),
    ],
)
async def test_a_body_that_is_no_post_is_refused(one: ClientSession, ada: Somebody, expected: int, data: bytes, content_type: str) -> None:
    headers = {"Authorization": f"Bearer {ada.token}", "Content-Type": content_type}

    async with one.post("/api/posts", data=BytesIO(data), headers=headers) as response:
        assert (expected, "application/problem+json") == (response.status, response.content_type)


@pytest.mark.parametrize(
    ("expected", "method", "path", "headers"),
    [
        (404, "GET", "/api/posts/nonsense", {}),
        (404, "PATCH", "/api/posts/%7B%22$ne%22:1%7D", {"If_Match": '"1"'}),
        (404, "POST", "/api/posts/00000000-0000-0000-0000-000000000000/publish", {}),
        (400, "GET", "/api/posts/mine?limit=0", {}),
        (400, "GET", "/api/posts/mine?limit=101", {}),
        (400, "GET", "/api/posts/mine?stage=unwritten", {}),
        (400, "GET", "/api/posts/mine?cursor=nonsense", {}),
        (400, "GET", "/api/posts/mine?cursor=eyJhdCI6MTAwMDAwMDAwMDAwMDAwMDAwLCJpZCI6IngifQ", {}),
        (400, "GET", "/api/posts/mine", {"Consistency_Token": "posts/3"}),
        (400, "PATCH", "/api/posts/00000000-0000-0000-0000-000000000000", {"If_Match": "1"}),
        (400, "POST", "/api/posts", {"Idempotency_Key": "two words"}),
        (405, "DELETE", "/api/posts", {}),
        (401, "GET", "/api/posts/mine", {"Authorization": "Bearer nonsense"}),
        (401, "GET", "/api/posts/mine", {"Authorization": "Basic eDp5"}),
    ],
)
async def test_a_request_that_makes_no_sense_is_refused(
    one: ClientSession, ada: Somebody, expected: int, method: str, path: str, headers: dict[str, str]
) -> None:
    reply = await ada.ask(one, method, path, TEXT if method == "POST" and "publish" not in path else {}, **headers)

    assert (expected, "application/problem+json") == (reply.status, reply.headers["Content-Type"].partition(";")[0])


@pytest.mark.parametrize("slug", ["!!!", "x" * 201, "a\tb", 7])
async def test_an_address_that_can_be_none_is_refused(one: ClientSession, ada: Somebody, slug: object) -> None:
    draft = await ada.ask(one, "POST", "/api/posts", TEXT)

    reply = await ada.ask(one, "POST", f"/api/posts/{draft.shown['id']}/publish", {"slug": slug}, **draft.seen)

    assert (422, ["/slug"]) == (reply.status, [error["pointer"] for error in reply.shown["errors"]])
