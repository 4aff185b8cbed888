"""Going on with a session, signing out, and what an access token is good for."""

import asyncio
from datetime import timedelta

import jwt
import pytest

from auth_service.store import ACCOUNTS
from servicekit.engine import ENGINE
from servicekit.identity import VERIFIER
from tests.auth_service.running import Replica, registered, session_of

pytestmark = pytest.mark.integration

AFTER_GRACE = timedelta(seconds=11)


async def test_a_session_goes_on_with_a_new_token_each_time(one: Replica, other: Replica) -> None:
    _, made = await registered(one)

    second = await other.refresh(made.cookie)
    third = await one.refresh(second.cookie)

    assert (200, 200) == (second.status, third.status)
    assert made.shown["user"] == third.shown["user"]
    assert session_of(made) == session_of(third)
    assert 3 == len({reply.cookies["inkstream_refresh"] for reply in (made, second, third)})
    assert 200 == (await one.me(third.bearer)).status


async def test_a_refresh_token_that_comes_again_closes_the_session(one: Replica, other: Replica) -> None:
    _, made = await registered(one)
    second = await one.refresh(made.cookie)
    one.clock.ahead += AFTER_GRACE

    thief = await one.refresh(made.cookie)

    assert (401, "unauthenticated") == (thief.status, thief.code)
    assert "" == thief.cookies["inkstream_refresh"]
    assert 401 == (await one.refresh(second.cookie)).status
    assert 401 == (await other.refresh(second.cookie)).status
    assert 401 == (await one.me(second.bearer)).status
    await one.caught_up()
    assert "reused" == (await one.app[ACCOUNTS].session(session_of(made))).ending


async def test_tabs_that_renew_at_the_same_moment_all_go_on(one: Replica, other: Replica) -> None:
    _, made = await registered(one)

    tabs = await asyncio.gather(*((one, other)[n % 2].refresh(made.cookie) for n in range(6)))

    assert {200} == {tab.status for tab in tabs}
    assert {200} == {(await one.refresh(tab.cookie)).status for tab in tabs[:2]}  # within the grace as well


async def test_the_grace_reaches_one_generation_back(one: Replica) -> None:
    _, made = await registered(one)
    second = await one.refresh(made.cookie)
    await one.refresh(second.cookie)

    assert 401 == (await one.refresh(made.cookie)).status


async def test_a_refresh_token_is_good_for_thirty_days(one: Replica) -> None:
    _, made = await registered(one)
    one.clock.ahead += timedelta(days=30, seconds=1)

    reply = await one.refresh(made.cookie)

    assert 401 == reply.status


@pytest.mark.parametrize("cookie", ["", "nothing", "%00", '{"$ne": null}', "x" * 4000])
async def test_a_refresh_token_that_was_never_given_out_is_refused(one: Replica, cookie: str) -> None:
    reply = await one.refresh({"Cookie": f"inkstream_refresh={cookie}"})

    assert (401, "unauthenticated") == (reply.status, reply.code)


async def test_signing_out_by_the_cookie_ends_the_session_everywhere(one: Replica, other: Replica) -> None:
    _, made = await registered(one)

    reply = await one.logout(made.cookie)

    assert 204 == reply.status
    assert "" == reply.cookies["inkstream_refresh"]
    assert 401 == (await one.me(made.bearer)).status
    assert 401 == (await other.refresh(made.cookie)).status


async def test_the_service_that_signs_somebody_out_does_not_wait_for_the_log(one: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    _, made = await registered(one)
    monkeypatch.setattr(one.app[ENGINE].revocations.following, "_fold", lambda _: None)

    await one.logout(made.bearer)

    assert 401 == (await one.me(made.bearer)).status


async def test_signing_out_by_the_access_token_ends_the_session(one: Replica) -> None:
    _, made = await registered(one)

    reply = await one.logout(made.bearer)

    assert 204 == reply.status
    assert 401 == (await one.me(made.bearer)).status
    assert 401 == (await one.refresh(made.cookie)).status


async def test_signing_out_again_is_no_error(one: Replica) -> None:
    _, made = await registered(one)
    both = {**made.cookie, **made.bearer}

    replies = [await one.logout(headers) for headers in (both, both, made.bearer, made.cookie, {}, {"Authorization": "Bearer x"})]

    assert [204] * 6 == [reply.status for reply in replies]


async def test_one_session_ends_and_the_other_goes_on(one: Replica) -> None:
    handle, made = await registered(one)
    phone = await one.login(handle)

    await one.logout(phone.cookie)

    assert 200 == (await one.me(made.bearer)).status


async def test_another_service_learns_from_the_log_that_a_session_ended(one: Replica, other: Replica) -> None:
    _, made = await registered(one)
    assert 200 == (await other.me(made.bearer)).status
    await one.logout(made.bearer)

    # What the other service follows is the same tail; it refuses once that has come to the record's end.
    await other.app[ENGINE].revocations.following.catch_up()

    with pytest.raises(Exception, match="revoked"):
        other.app[VERIFIER].verify(made.shown["access_token"])


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
    ],
)
async def test_another_sites_page_can_neither_renew_nor_end_a_session(one: Replica, headers: dict[str, str]) -> None:
    _, made = await registered(one)

    replies = [await act({**made.cookie, **headers}) for act in (one.refresh, one.logout)]

    assert [(403, "forbidden")] * 2 == [(reply.status, reply.code) for reply in replies]
    assert 200 == (await one.refresh(made.cookie)).status


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://blog.example"}])
async def test_the_sites_own_pages_renew_a_session(one: Replica, headers: dict[str, str]) -> None:
    _, made = await registered(one)

    assert 200 == (await one.refresh({**made.cookie, **headers})).status


async def test_everybody_can_check_an_access_token_by_the_published_keys(one: Replica) -> None:
    _, made = await registered(one)

    published = await one.ask("GET", "/.well-known/jwks.json")

    key = jwt.PyJWKSet.from_dict(published.shown)[jwt.get_unverified_header(made.shown["access_token"])["kid"]]
    claims = jwt.decode(made.shown["access_token"], key, algorithms=["EdDSA"])
    assert made.shown["user"]["id"] == claims["sub"]
    assert ("writer", 600) == (claims["role"], claims["exp"] - claims["iat"])


async def test_me_needs_a_token(one: Replica) -> None:
    reply = await one.me({})

    assert (401, "unauthenticated") == (reply.status, reply.code)


async def test_me_sees_what_its_consistency_token_says(one: Replica, other: Replica) -> None:
    for _ in range(10):
        _, made = await registered(one)

        me = await other.me({**made.bearer, "Consistency-Token": made.headers["Consistency-Token"]})

        assert (200, made.shown["user"]["id"]) == (me.status, me.shown["id"])
        assert "Consistency" not in me.headers
