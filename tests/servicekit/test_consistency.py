import asyncio
from urllib.parse import unquote

import pytest

from eventlog.log import places_of
from eventlog.progress import Progress, Token
from eventlog.record import Partition
from tests.kit.serving import Served, serving
from tests.servicekit.test_problems import problem
from tests.servicekit.toy import ID, PLACE, toy


async def seen(served: Served, sent: str, cookie: str = "") -> tuple[str | None, str | None]:
    """Read the note with a token; return the token and the state of consistency that came with it."""
    headers = {"Consistency-Token": sent, "Cookie": f"inkstream_token={cookie}"}
    async with served.client.get(f"/api/toy/{ID}", headers=headers) as response:
        return response.headers.get("Consistency-Token"), response.headers.get("Consistency")


async def test_a_write_says_where_it_stands_in_header_and_cookie(served: Served) -> None:
    sent = {"Consistency-Token": "comments/1:9,posts/3:2"}

    async with served.client.post("/api/toy", json={"title": "A"}, headers=sent) as response:
        token, cookie = response.headers["Consistency-Token"], response.cookies["inkstream_token"]

    assert "comments/1:9,posts/3:5" == token == unquote(cookie.value)
    assert ("Lax", "60", "/") == tuple(cookie[name] for name in ("samesite", "max-age", "path"))
    assert cookie["httponly"]
    assert cookie["secure"]


async def test_a_read_waits_until_its_view_has_passed_the_token() -> None:
    progress = Progress([PLACE])
    async with serving(toy(progress)) as served:
        reading = asyncio.create_task(seen(served, "posts/3:7"))
        await asyncio.wait([reading], timeout=0.05)
        assert not reading.done()

        progress.advance(PLACE, 9)

        assert ("posts/3:9", None) == await reading


async def test_a_read_that_can_not_wait_longer_says_that_it_is_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("servicekit.consistency._PATIENCE", 0.01)
    async with serving(toy()) as served:
        assert ("posts/3:7", "behind") == await seen(served, "posts/3:7")


async def test_what_a_service_does_not_follow_it_passes_on_at_once(served: Served) -> None:
    assert ("comments/4:100", None) == await seen(served, "comments/4:100")


async def test_header_and_cookie_count_both(served: Served) -> None:
    found = await seen(served, "comments/4:1,accounts/0:9", "comments/4:100%2Csessions/1:2")

    assert ("accounts/0:9,comments/4:100,sessions/1:2", None) == found


TOO_MANY = ",".join(f"posts/{n}:1" for n in range(65))


@pytest.mark.parametrize(
    "token", ["posts", "posts/1", "posts/1:x", "posts/-1:1", "POSTS/1:1", "posts/1:" + "9" * 19, "p/1:1;q", "ü/1:1", TOO_MANY]
)
async def test_a_wrong_token_is_refused(served: Served, token: str) -> None:
    async with served.client.get(f"/api/toy/{ID}", headers={"Consistency-Token": token}) as response:
        await problem(response, 400, "malformed")


@pytest.mark.parametrize(
    "cookie", ["posts", "posts/1:x", "x%0D%0ASet-Cookie:%20a=b/1:1", '"', "%ff", "%00/1:1", TOO_MANY.replace(",", "%2C")]
)
async def test_a_wrong_cookie_is_as_none(served: Served, cookie: str) -> None:
    assert ("comments/4:1", None) == await seen(served, "comments/4:1", cookie)


async def test_an_empty_token_is_none(served: Served) -> None:
    assert ("", None) == await seen(served, "")


def test_the_token_of_every_partition_that_there_is_fits() -> None:
    token = Token(dict.fromkeys(places_of(["accounts", "sessions", "follows", "posts", "comments"]), 10**9))

    assert len(token) <= 64
    assert Partition("posts", 11) in token
