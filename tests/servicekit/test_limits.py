import pytest
from aiohttp import web

from servicekit.app import build_app
from servicekit.environment import SettingsError
from servicekit.limits import RATES, Rates, client_address
from tests.kit.serving import Served, serving
from tests.servicekit.test_problems import problem
from tests.servicekit.toy import settings


def limited(**changes: str) -> web.Application:
    """Make a service where an attempt with `known=yes` succeeds."""
    chosen = settings(**changes)

    async def sign_in(request: web.Request) -> web.Response:
        account = request.query["account"]
        await request.app[RATES].attempt(request, account=account)
        if "known" in request.query:
            await request.app[RATES].succeeded(account)
        return web.Response(text=client_address(request, chosen.trusted_proxies, chosen.trusted_hops))

    app = build_app(chosen, name="toy", prefix="toy", routes=[web.post("/sign-in", sign_in)])
    app[RATES] = Rates(chosen)
    return app


async def tried(served: Served, account: str, address: str = "192.0.2.1", *, known: bool = False) -> int:
    path = f"/sign-in?account={account}" + ("&known=yes" if known else "")
    async with served.client.post(path, headers={"X-Forwarded-For": address}) as response:
        return response.status


async def seen_from(app: web.Application, forwarded: str) -> str:
    """Tell the address that a request is counted under."""
    headers = {"X-Forwarded-For": forwarded}
    async with serving(app) as served, served.client.post("/sign-in?account=a", headers=headers) as response:
        return await response.text()


async def test_guessing_at_one_account_ends_from_whatever_address() -> None:
    async with serving(limited(INKSTREAM_ACCOUNT_RATE="3/hour")) as served:
        statuses = [await tried(served, "ana", address=f"192.0.2.{n}") for n in range(5)]

        assert [200, 200, 200, 429, 429] == statuses
        assert 200 == await tried(served, "ben")


async def test_who_knows_the_password_is_not_counted() -> None:
    async with serving(limited(INKSTREAM_ACCOUNT_RATE="2/hour")) as served:
        assert {200} == {await tried(served, "ana", known=True) for _ in range(10)}


async def test_one_address_ends_and_another_goes_on() -> None:
    async with serving(limited(INKSTREAM_ADDRESS_RATE="3/hour")) as served:
        statuses = [await tried(served, f"user{n}") for n in range(5)]

        assert [200, 200, 200, 429, 429] == statuses
        assert 200 == await tried(served, "ana", address="192.0.2.2")


async def test_a_refusal_says_when_the_next_attempt_is_welcome() -> None:
    async with serving(limited(INKSTREAM_ADDRESS_RATE="1/minute")) as served:
        await tried(served, "ana")
        async with served.client.post("/sign-in?account=a", headers={"X-Forwarded-For": "192.0.2.1"}) as response:
            await problem(response, 429, "rate-limited")

            assert 1 <= int(response.headers["Retry-After"]) <= 60


async def test_three_hundred_sign_ups_a_minute_from_one_address_are_welcome() -> None:
    async with serving(limited()) as served:
        assert {200} == {await tried(served, f"user{n}") for n in range(300)}


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("203.0.113.9, 192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("nonsense", "127.0.0.1"),
        ("192.0.2.7, ", "127.0.0.1"),
        ("", "127.0.0.1"),
        ("' OR 1=1 --", "127.0.0.1"),
    ],
)
async def test_behind_the_door_the_last_hop_is_the_address(forwarded: str, address: str) -> None:
    assert address == await seen_from(limited(), forwarded)


async def test_a_stranger_can_not_choose_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.BaseRequest, "remote", "198.51.100.1")

    assert "198.51.100.1" == await seen_from(limited(), "1.2.3.4")


async def test_a_door_that_is_trusted_by_setting_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.BaseRequest, "remote", "10.1.2.3")

    assert "1.2.3.4" == await seen_from(limited(INKSTREAM_TRUSTED_PROXIES="10.0.0.0/8 fd00::/8"), "1.2.3.4")


@pytest.mark.parametrize(
    ("forwarded", "seen"),
    [
        ("6.6.6.6, 1.2.3.4, 192.0.2.9", "1.2.3.4"),
        ("1.2.3.4, 192.0.2.9", "1.2.3.4"),
        ("192.0.2.9", "192.0.2.9"),
        ("nowhere,192.0.2.9", "127.0.0.1"),
    ],
)
async def test_behind_a_door_that_also_writes_its_own_address_the_one_before_it_is_believed(forwarded: str, seen: str) -> None:
    assert seen == await seen_from(limited(INKSTREAM_TRUSTED_HOPS="2"), forwarded)


@pytest.mark.parametrize("rate", ["often", "0/minute", "5", "-1/hour"])
def test_a_rate_that_is_none_is_named_at_the_start(rate: str) -> None:
    with pytest.raises(SettingsError, match="INKSTREAM_ACCOUNT_RATE is wrong"):
        settings(INKSTREAM_ACCOUNT_RATE=rate)
