"""Bodies that stream, and replicas that are lost."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO

import pytest
from aiohttp import ClientError, web

from inkctl.door.proxy import KEPT_BODY, LONGEST_BODY
from tests.inkctl.door.conftest import Front, Open

KEY = {"Idempotency-Key": "k"}


async def _drop(request: web.BaseRequest) -> web.StreamResponse:
    """Take the request and end the connection, as a killed process does."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _names(front: Front, count: int) -> set[str]:
    names = set()
    for _ in range(count):
        async with front.session.get(f"{front.address}/api/posts") as answer:
            names.add(await answer.text())
    return names


async def test_replicas_take_turns(open_front: Open) -> None:
    front = await open_front(posts_service=2)

    names = await _names(front, 4)

    assert {"posts_service.1", "posts_service.2"} == names


async def test_server_sent_events_arrive_one_by_one(front: Front) -> None:
    further = asyncio.Event()

    async def events(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"data: 1\n\n")
        await further.wait()
        await response.write(b"data: 2\n\n")
        return response

    front["query_service"].answer = events

    async with front.session.get(f"{front.address}/api/stream") as answer:
        first = await answer.content.readuntil(b"\n\n")
        further.set()
        rest = await answer.content.read()

    assert (b"data: 1\n\n", b"data: 2\n\n") == (first, rest)


async def test_a_client_that_leaves_ends_the_stream_behind_the_door(front: Front) -> None:
    ended = asyncio.Event()

    async def events(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b": beat\n\n")
        try:
            await asyncio.Event().wait()  # nothing more to say, so that nothing is noticed by saying it
        finally:
            ended.set()
        return response

    front["query_service"].answer = events
    async with front.session.get(f"{front.address}/api/stream") as answer:
        await answer.content.readany()
        answer.close()

    await asyncio.wait_for(ended.wait(), 5)


async def test_a_large_body_streams_through(front: Front) -> None:
    first_part = asyncio.Event()
    size = 0

    async def count(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal size
        async for chunk in request.content.iter_any():
            size += len(chunk)
            first_part.set()
        return web.Response(status=201)

    async def parts() -> AsyncIterator[bytes]:
        yield b"x" * KEPT_BODY
        await first_part.wait()  # it is there before the whole has been sent
        yield b"x" * KEPT_BODY

    front["posts_service"].answer = count

    async with front.session.post(f"{front.address}/api/posts", data=parts()) as answer:
        pass

    assert (201, 2 * KEPT_BODY) == (answer.status, size)


async def test_an_answer_before_the_end_of_a_body_comes_through(front: Front) -> None:
    async def refuse(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=413, text="{}")

    front["posts_service"].answer = refuse

    async with front.session.post(f"{front.address}/api/posts", data=BytesIO(b"x" * 5 * KEPT_BODY)) as answer:
        pass

    assert 413 == answer.status


@pytest.mark.parametrize("said", [True, False], ids=["with its length", "in chunks"])
async def test_no_body_is_endless(front: Front, *, said: bool) -> None:
    async def swallow(request: web.BaseRequest) -> web.StreamResponse:
        async for _ in request.content.iter_any():
            pass
        return web.Response()

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(LONGEST_BODY // KEPT_BODY + 1):
            yield b"x" * KEPT_BODY

    front["posts_service"].answer = swallow
    body = BytesIO(b"x" * (LONGEST_BODY + 1)) if said else parts()

    async with front.session.post(f"{front.address}/api/posts", data=body) as answer:
        members = await answer.json(content_type="application/problem+json")

    assert (413, "/problems/too-large") == (answer.status, members["type"])


async def test_a_lost_read_is_answered_by_another_replica(open_front: Open) -> None:
    front = await open_front(posts_service=2)
    front["posts_service"].answer = _drop

    names = await _names(front, 4)

    assert {"posts_service.2"} == names


async def test_a_lost_write_with_a_key_is_said_to_another_replica(open_front: Open) -> None:
    front = await open_front(posts_service=2)
    front["posts_service"].answer = _drop

    statuses = []
    for _ in range(2):
        async with front.session.post(f"{front.address}/api/posts", data=b"{}", headers=KEY) as answer:
            statuses.append(answer.status)

    assert [200, 200] == statuses
    assert [b"{}", b"{}"] == front.stands["posts_service"][1].bodies


async def test_a_lost_write_without_a_key_is_not_repeated(open_front: Open) -> None:
    front = await open_front(posts_service=2)
    for stand in front.stands["posts_service"]:
        stand.answer = _drop

    async with front.session.post(f"{front.address}/api/posts", data=b"{}") as answer:
        members = await answer.json(content_type="application/problem+json")

    assert (503, "/problems/unavailable", "1") == (answer.status, members["type"], answer.headers["Retry-After"])
    assert 1 == sum(len(stand.asked) for stand in front.stands["posts_service"])


async def test_a_write_that_nobody_has_seen_goes_to_another_replica(open_front: Open) -> None:
    front = await open_front(posts_service=2, ask_seconds=60)  # so that the request itself finds out
    await front["posts_service"].shown_alive.wait()
    await front["posts_service"].stop()

    for _ in range(2):
        async with front.session.post(f"{front.address}/api/posts", data=b"{}") as answer:
            assert 200 == answer.status


async def test_a_service_that_is_down_is_unavailable_and_the_others_are_not(front: Front) -> None:
    await front["auth_service"].stop()

    async with front.session.post(f"{front.address}/api/auth/login", data=b"{}", headers=KEY) as down:
        pass
    async with front.session.get(f"{front.address}/") as other:
        pass

    assert (503, "1", 200) == (down.status, down.headers["Retry-After"], other.status)


async def test_a_browser_is_shown_a_page_to_try_again_from_while_there_is_none(front: Front) -> None:
    await front["query_service"].stop()

    async with front.session.get(f"{front.address}/", headers={"Accept": "text/html,*/*;q=0.8"}) as page:
        text = await page.text()
    async with front.session.get(f"{front.address}/", headers={"Accept": "*/*"}) as other:
        pass

    assert (503, "text/html", "1", "no-store") == (
        page.status,
        page.content_type,
        page.headers["Retry-After"],
        page.headers["Cache-Control"],
    )
    assert '<a href="">Try again</a>' in text
    assert page.headers["X-Request-Id"] in text
    assert "application/problem+json" == other.content_type


async def test_half_an_answer_is_not_taken_for_a_whole_one(front: Front) -> None:
    async def half(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"half")
        return await _drop(request)

    front["query_service"].answer = half

    with pytest.raises(ClientError):
        async with front.session.get(f"{front.address}/") as answer:
            await answer.read()
