from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from inkctl import checking
from inkctl.checking import check
from inkctl.failures import Failed

Handler = Callable[[web.Request], Awaitable[web.Response]]


def answering(**changes: Handler) -> TestServer:
    """An installation that works, but for the steps that a test names."""

    async def register(_: web.Request) -> web.Response:
        return web.json_response({"access_token": "t"}, status=201)

    async def write(_: web.Request) -> web.Response:
        return web.json_response({"id": "1"})

    async def publish(_: web.Request) -> web.Response:
        shown = {"author": {"handle": "ann"}, "slug": "a", "url": "http://blog.example/@ann/a"}
        return web.json_response(shown, headers={"Consistency-Token": "posts/1:2"})

    async def read(_: web.Request) -> web.Response:
        return web.json_response({"body": "Written by `inkctl check`, and *read* by it."})

    steps = {"register": register, "write": write, "publish": publish, "read": read, **changes}
    app = web.Application()
    app.router.add_post("/api/auth/register", steps["register"])
    app.router.add_post("/api/posts", steps["write"])
    app.router.add_post("/api/posts/1/publish", steps["publish"])
    app.router.add_get("/api/query/posts/ann/a", steps["read"])
    return TestServer(app)


async def checked(server: TestServer) -> None:
    async with server:
        await check(str(server.make_url("/")).rstrip("/"), None, "")


async def test_what_is_not_ready_is_asked_again_with_the_same_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "PAUSE", 0)
    keys = []

    async def write(request: web.Request) -> web.Response:
        keys.append(request.headers["Idempotency-Key"])
        return web.json_response({"id": "1"}, status=201 if len(keys) > 1 else 503)

    await checked(answering(write=write))

    assert 2 == len(keys)
    assert 1 == len(set(keys))


async def test_a_read_that_is_behind_is_not_taken_for_what_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "PAUSE", 0)
    monkeypatch.setattr(checking, "PATIENCE", 0.2)

    async def read(request: web.Request) -> web.Response:
        assert "posts/1:2" == request.headers["Consistency-Token"]
        return web.json_response({"body": "old"}, headers={"Consistency": "behind"})

    with pytest.raises(Failed, match="Consistency: behind"):
        await checked(answering(read=read))


@pytest.mark.parametrize(("status", "body", "why"), [(403, "{}", "it answered 403"), (200, '{"body": "other"}', "holds another text")])
async def test_a_step_that_fails_is_told_with_what_was_answered(status: int, body: str, why: str) -> None:
    async def read(_: web.Request) -> web.Response:
        return web.Response(status=status, text=body, content_type="application/json")

    with pytest.raises(Failed, match=why):
        await checked(answering(read=read))
