"""The web edge of the images routes as the front door of the embedded run does, and answers for itself in the same shape."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientConnectorError, ClientSession, web
from yarl import URL

from dev.documents import ROOT
from inkctl.door.app import service_of
from inkctl.names import SERVICES
from inkctl.ports import free_port
from tests.inkctl.door.conftest import Front, Stand

CADDY = Path(sys.executable).with_name("caddy")


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[Front]:
    (tmp_path / "assets").mkdir()
    stands = {name: [Stand(name)] for name in SERVICES}
    async with AsyncExitStack() as stack:
        for [stand] in stands.values():
            await stand.start()
            stack.push_async_callback(stand.stop)
        behind = {f"INKSTREAM_{name.removesuffix('_service').upper()}": f"127.0.0.1:{stand.port}" for name, [stand] in stands.items()}
        port = free_port()
        told = {
            **os.environ,
            **behind,
            "INKSTREAM_LISTEN": f":{port}",
            "INKSTREAM_ASSETS": str(tmp_path),
            "INKSTREAM_PATIENCE": "1s",
            "HOME": str(tmp_path),
        }
        arguments = ["run", "--config", str(ROOT / "dev/docker/Caddyfile"), "--adapter", "caddyfile"]
        process = await asyncio.create_subprocess_exec(CADDY, *arguments, env=told)
        stack.push_async_callback(process.wait)
        stack.callback(process.terminate)
        session = await stack.enter_async_context(ClientSession(auto_decompress=False))
        front = Front(session, f"http://127.0.0.1:{port}", stands)
        await until_open(front)
        yield front


async def until_open(front: Front) -> None:
    while True:
        try:
            async with front.session.get(f"{front.address}/livez") as answer:
                assert 200 == answer.status
                return
        except ClientConnectorError:
            await asyncio.sleep(0.02)


async def problem_at(front: Front, path: str, status: int, **headers: str) -> Any:
    async with front.session.get(URL(f"{front.address}{path}", encoded=True), headers=headers) as answer:
        assert (status, "application/problem+json") == (answer.status, answer.content_type)
        problem = await answer.json()
        assert problem["request_id"] == answer.headers["X-Request-Id"]
        return problem


async def test_every_path_is_answered_by_the_service_that_the_door_names(edge: Front) -> None:
    paths = [
        "/api/auth/login",
        "/.well-known/jwks.json",
        "/api/posts",
        "/api/posts/mine",
        "/api/comments/1/like",
        "/api/query/posts",
        "/api/stream",
        "/api/postscript",
        "/",
        "/sign-in",
        "/@ann/a-post",
        "/feed.xml",
        "/assetsandmore",
    ]

    answered = {}
    for path in paths:
        async with edge.session.get(f"{edge.address}{path}") as answer:
            answered[path] = await answer.text()

    assert {path: service_of(path) for path in paths} == answered


async def test_a_query_goes_through_as_it_was_typed(edge: Front) -> None:
    async with edge.session.get(URL(f"{edge.address}/api/comments/7?a=%2F&b=%C3%BC", encoded=True)) as answer:
        assert "Via" not in answer.headers

    assert "/api/comments/7?a=%2F&b=%C3%BC" == edge["comments_service"].asked[0].raw_path


async def test_it_is_ready_once_every_service_is(edge: Front) -> None:
    statuses = []
    for ready in (False, True):
        edge["query_service"].ready = ready
        async with edge.session.get(f"{edge.address}/readyz") as answer:
            statuses.append(answer.status)

    assert [503, 200] == statuses


async def test_metrics_are_not_public(edge: Front) -> None:
    assert "/problems/not-found" == (await problem_at(edge, "/metrics", 404))["type"]
    assert not edge["query_service"].asked


async def test_assets_may_be_kept_for_ever(edge: Front, tmp_path: Path) -> None:
    (tmp_path / "assets" / "main-1a2b.js").write_text("1")

    async with edge.session.get(f"{edge.address}/assets/main-1a2b.js") as answer:
        text = await answer.text()

    assert ("1", "public, max-age=31536000, immutable", "nosniff", "text/javascript; charset=utf-8", "inkstream") == (
        text,
        *(answer.headers[name] for name in ("Cache-Control", "X-Content-Type-Options", "Content-Type", "Server")),
    )


@pytest.mark.parametrize("path", ["/assets/none.js", "/assets/", "/assets/..%2fsecret.json", "/assets/%2e%2e/secret.json", "/assets/%00"])
async def test_no_other_file_is_given_away(edge: Front, tmp_path: Path, path: str) -> None:
    (tmp_path / "secret.json").write_text("{}")

    async with edge.session.get(URL(f"{edge.address}{path}", encoded=True)) as answer:
        text = await answer.text()

    assert 200 != answer.status or "query_service" == text
    assert "{}" != text


async def test_who_asks_is_said_by_the_edge_alone(edge: Front) -> None:
    made_up = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https", "Forwarded": "for=6.6.6.6", "X-Real-Ip": "6.6.6.6"}

    async with edge.session.get(f"{edge.address}/", headers=made_up):
        pass

    said = edge["query_service"].asked[0].headers
    assert ("127.0.0.1", "http", None, None) == tuple(said.get(name) for name in made_up)


async def test_a_request_id_is_passed_on_or_made(edge: Front) -> None:
    seen = []
    for given in ("0123456789abcdef", "no <id> at all"):
        async with edge.session.get(f"{edge.address}/", headers={"X-Request-Id": given}):
            seen.append(edge["query_service"].asked[-1].headers["X-Request-Id"])

    assert "0123456789abcdef" == seen[0]
    assert "<" not in seen[1]
    assert len(seen[1]) >= 32


async def test_server_sent_events_arrive_one_by_one(edge: Front) -> None:
    seen = asyncio.Event()

    async def stream(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"data: 1\n\n")
        await seen.wait()
        await response.write(b"data: 2\n\n")
        return response

    edge["query_service"].answer = stream
    async with edge.session.get(f"{edge.address}/api/stream", headers={"Accept-Encoding": "gzip"}) as answer:
        first = await answer.content.readany()
        seen.set()
        rest = await answer.content.read()

    assert (b"data: 1\n\n", b"data: 2\n\n") == (first, rest)


@pytest.mark.parametrize(("headers", "tries"), [({}, 1), ({"Idempotency-Key": "mine"}, 2)], ids=["a write", "a write with a key"])
async def test_what_was_lost_is_said_again_only_where_it_can_not_take_effect_twice(
    edge: Front, headers: dict[str, str], tries: int
) -> None:
    stand = edge["posts_service"]

    async def lose(request: web.BaseRequest) -> web.StreamResponse:
        if len(stand.asked) == 1:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(text="saved")

    stand.answer = lose
    async with edge.session.post(f"{edge.address}/api/posts", headers=headers, data=b"{}") as answer:
        pass

    assert (tries, 200 if tries > 1 else 503) == (len(stand.asked), answer.status)


async def test_a_service_that_is_down_is_unavailable_and_comes_back_by_itself(edge: Front) -> None:
    stand = edge["comments_service"]
    await stand.stop()
    asking = asyncio.create_task(problem_at(edge, "/api/comments", 503))

    assert "/problems/unavailable" == (await asking)["type"]

    await stand.start()
    async with edge.session.get(f"{edge.address}/api/comments") as answer:
        assert "comments_service" == await answer.text()


async def test_a_browser_is_shown_a_page_while_there_is_none(edge: Front) -> None:
    await edge["query_service"].stop()

    async with edge.session.get(f"{edge.address}/", headers={"Accept": "text/html,*/*", "X-Request-Id": "0123456789abcdef"}) as answer:
        page = await answer.text()

    assert (503, "1", "text/html") == (answer.status, answer.headers["Retry-After"], answer.content_type)
    assert "<p>Request 0123456789abcdef</p>" in page


async def test_no_body_is_endless(edge: Front) -> None:
    async def swallow(request: web.BaseRequest) -> web.StreamResponse:
        async for _ in request.content.iter_any():
            pass
        return web.Response()

    edge["posts_service"].answer = swallow
    async with edge.session.post(f"{edge.address}/api/posts", data=BytesIO(bytes((16 << 20) + 1))) as answer:
        problem = await answer.json()

    assert (413, "/problems/too-large") == (answer.status, problem["type"])
