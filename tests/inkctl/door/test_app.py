"""Who answers what, and the door's own answers."""

from pathlib import Path

import pytest
from aiohttp import web
from yarl import URL

from inkctl.door.app import service_of
from tests.inkctl.door.conftest import Front, Open


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/api/auth/login", "auth_service"),
        ("/.well-known/jwks.json", "auth_service"),
        ("/api/posts", "posts_service"),
        ("/api/posts/mine", "posts_service"),
        ("/api/comments/1/like", "comments_service"),
        ("/api/query/posts", "query_service"),
        ("/api/stream", "query_service"),
        ("/api/postscript", "query_service"),
        ("/", "query_service"),
        ("/sign-in", "query_service"),
        ("/@ann/a-post", "query_service"),
    ],
)
def test_a_path_belongs_to_a_service(path: str, service: str) -> None:
    assert service == service_of(path)


async def test_a_request_reaches_its_service(front: Front) -> None:
    async with front.session.get(URL(f"{front.address}/api/comments/7?a=%2F&b=%C3%BC", encoded=True)) as answer:
        text = await answer.text()

    assert "comments_service.1" == text
    assert "/api/comments/7?a=%2F&b=%C3%BC" == front["comments_service"].asked[0].raw_path


async def test_the_door_is_ready_once_every_service_is(front: Front) -> None:
    front["query_service"].ready = False
    async with front.session.get(f"{front.address}/readyz") as before:
        reasons = await before.json()

    front["query_service"].ready = True
    async with front.session.get(f"{front.address}/readyz") as after:
        pass

    assert (503, "not ready") == (before.status, reasons["services"]["query_service"])
    assert 200 == after.status


async def test_one_ready_replica_is_enough(open_front: Open) -> None:
    front = await open_front(posts_service=2)
    front.stands["posts_service"][1].ready = False

    async with front.session.get(f"{front.address}/readyz") as answer:
        pass

    assert 200 == answer.status


async def test_assets_may_be_kept_for_ever(front: Front, tmp_path: Path) -> None:
    (tmp_path / "main-1a2b.js").write_text("1")

    async with front.session.get(f"{front.address}/assets/main-1a2b.js") as answer:
        text = await answer.text()

    assert "1" == text
    assert "public, max-age=31536000, immutable" == answer.headers["Cache-Control"]
    assert "text/javascript; charset=utf-8" == answer.headers["Content-Type"]


@pytest.mark.parametrize("path", ["/assets/none.js", "/assets/", "/assets/..%2fsecret.json", "/assets/%2e%2e/secret.json", "/assets/%00"])
async def test_no_other_file_is_given_away(front: Front, tmp_path: Path, path: str) -> None:
    (tmp_path.parent / "secret.json").write_text("{}")

    async with front.session.get(URL(f"{front.address}{path}", encoded=True)) as answer:
        pass

    assert 404 == answer.status
    assert [] == front["query_service"].asked


@pytest.mark.parametrize("path", ["/metrics", "/livez"])
async def test_what_is_for_operators_is_not_passed_on(front: Front, path: str) -> None:
    async with front.session.get(f"{front.address}{path}"):
        pass

    assert [] == front["query_service"].asked


async def test_what_is_no_http_gets_a_problem(front: Front) -> None:
    async with front.session.get(f"{front.address}/", headers={"X-Long": "x" * 9000}) as answer:
        members = await answer.json(content_type="application/problem+json")

    assert (431, "/problems/too-large") == (answer.status, members["type"])


async def test_a_redirect_is_the_clients_business(front: Front) -> None:
    async def moved(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=301, headers={"Location": "/@ann/new"})

    front["query_service"].answer = moved

    async with front.session.get(f"{front.address}/@ann/old", allow_redirects=False) as answer:
        pass

    assert (301, "/@ann/new") == (answer.status, answer.headers["Location"])
