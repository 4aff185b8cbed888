"""Which headers go through the door, in both directions."""

import gzip

from aiohttp import web

from tests.inkctl.door.conftest import Front


async def test_who_asks_is_said_by_the_door_alone(front: Front) -> None:
    made_up = {"X-Forwarded-For": "8.8.8.8", "Forwarded": "for=8.8.8.8", "X-Forwarded-Proto": "https", "X-Real-IP": "8.8.8.8"}

    async with front.session.get(f"{front.address}/", headers=made_up):
        pass

    headers = front["query_service"].asked[0].headers
    assert ["127.0.0.1"] == headers.getall("X-Forwarded-For")
    assert ["http"] == headers.getall("X-Forwarded-Proto")
    assert not {"Forwarded", "X-Real-IP"} & set(headers)


async def test_what_the_client_says_goes_through(front: Front) -> None:
    said = {
        "Authorization": "Bearer t",
        "Cookie": "a=1",
        "If-Match": '"3"',
        "Idempotency-Key": "k",
        "Consistency-Token": "posts/3:7",
        "Accept-Encoding": "br",
        "Host": "blog.example",
    }

    async with front.session.post(f"{front.address}/api/posts", headers=said, data=b"{}"):
        pass

    headers = front["posts_service"].asked[0].headers
    assert said == {name: headers[name] for name in said}
    assert [b"{}"] == front["posts_service"].bodies


async def test_what_concerns_one_connection_ends_at_the_door(front: Front) -> None:
    async def answering(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text="x", headers={"Connection": "keep-alive, X-Inner", "X-Inner": "1", "X-Kept": "1"})

    front["query_service"].answer = answering
    hop = {"Connection": "X-Own", "X-Own": "1", "TE": "trailers", "Upgrade": "websocket", "Proxy-Authorization": "x"}

    async with front.session.get(f"{front.address}/", headers=hop) as answer:
        pass

    assert not {"X-Own", "TE", "Upgrade", "Proxy-Authorization"} & set(front["query_service"].asked[0].headers)
    assert "1" == answer.headers["X-Kept"]
    assert "X-Inner" not in answer.headers


async def test_every_cookie_and_the_status_come_back(front: Front) -> None:
    async def answering(_request: web.BaseRequest) -> web.StreamResponse:
        response = web.Response(status=412, text="{}", content_type="application/problem+json")
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")
        return response

    front["posts_service"].answer = answering

    async with front.session.patch(f"{front.address}/api/posts/1", data=b"{}") as answer:
        pass

    assert (412, "application/problem+json") == (answer.status, answer.content_type)
    assert ["a=1; Path=/", "b=2; Path=/"] == answer.headers.getall("Set-Cookie")


async def test_a_request_id_is_passed_on_or_made(front: Front) -> None:
    for given in ("a-good-id.1", "bad id <x>"):
        async with front.session.get(f"{front.address}/", headers={"X-Request-Id": given}):
            pass

    first, second = (request.headers["X-Request-Id"] for request in front["query_service"].asked)
    assert "a-good-id.1" == first
    assert 32 == len(second)


async def test_a_compressed_body_stays_compressed_both_ways(front: Front) -> None:
    zipped = gzip.compress(b"[]" * 500)
    seen: list[object] = []

    async def answering(request: web.BaseRequest) -> web.StreamResponse:
        seen.extend([request.headers.get("Content-Encoding"), await request.read()])
        return web.Response(body=zipped, headers={"Content-Encoding": "gzip"})

    front["posts_service"].answer = answering

    async with front.session.post(f"{front.address}/api/posts", data=zipped, headers={"Content-Encoding": "gzip"}) as answer:
        body = await answer.read()

    assert ["gzip", zipped] == seen
    assert zipped == body


async def test_head_says_the_length_and_sends_nothing(front: Front) -> None:
    async with front.session.head(f"{front.address}/") as answer:
        body = await answer.read()

    assert (str(len("query_service.1")), b"") == (answer.headers["Content-Length"], body)


async def test_a_304_has_no_body(front: Front) -> None:
    async def answering(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=304, headers={"ETag": '"x"'})

    front["query_service"].answer = answering

    async with front.session.get(f"{front.address}/", headers={"If-None-Match": '"x"'}) as answer:
        body = await answer.read()

    assert (304, '"x"', b"") == (answer.status, answer.headers["ETag"], body)
