"""Who a token says that asks, and every token that is not ours."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from events.refusals import Unauthenticated
from servicekit.identity import LIFETIME, VERIFIER, Caller, Verifier, issue
from servicekit.problems import Rejected
from tests.kit.serving import serving
from tests.servicekit.test_problems import problem
from tests.servicekit.toy import ID, toy

KEY = Ed25519PrivateKey.generate()
STRANGERS_KEY = Ed25519PrivateKey.generate()
USER, SESSION = UUID(int=1), UUID(int=2)
NOW = datetime(2025, 5, 1, 12, 0, 0, 250_000, tzinfo=UTC)


class Keys:
    """One key, by its id."""

    ready = True

    def public_key(self, kid: str) -> Ed25519PublicKey | None:
        return KEY.public_key() if kid == "ours" else None


class Revoked:
    """The sessions that were closed."""

    ready = True

    def __init__(self) -> None:
        self.sessions: set[UUID] = set()

    def refuse(self, caller: Caller) -> bool:
        return caller.session_id in self.sessions


class Clock:
    """A clock that stands where it was put."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def token(key: Ed25519PrivateKey = KEY, kid: str = "ours") -> str:
    return issue(key, kid, user_id=USER, session_id=SESSION, role="writer", now=NOW)


def claims(**changes: object) -> dict[str, object]:
    usual = {"sub": str(USER), "sid": str(SESSION), "role": "writer", "iat": NOW.timestamp(), "exp": NOW.timestamp() + 600}
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


def verifier(*, keys: Keys | None = None, revoked: Revoked | None = None, clock: Callable[[], datetime] | None = None) -> Verifier:
    return Verifier(keys or Keys(), revoked or Revoked(), clock or Clock())


def test_a_token_says_who_asks() -> None:
    assert Caller(USER, SESSION, "writer", NOW, NOW + LIFETIME) == verifier().verify(token())


def test_a_token_ends_on_the_second_even_if_it_is_remembered() -> None:
    clock = Clock()
    verifying = verifier(clock=clock)
    verifying.verify(token())

    clock.now = NOW + LIFETIME - timedelta(microseconds=1)
    verifying.verify(token())
    clock.now = NOW + LIFETIME
    with pytest.raises(Unauthenticated) as raised:
        verifying.verify(token())

    assert "token-expired" == raised.value.code


def test_a_revoked_token_is_refused_even_if_it_is_remembered() -> None:
    revoked = Revoked()
    verifying = verifier(revoked=revoked)
    verifying.verify(token())

    revoked.sessions.add(SESSION)

    with pytest.raises(Unauthenticated, match="revoked"):
        verifying.verify(token())


def unsigned(header: dict[str, object], body: object) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, body)]
    return ".".join([*parts, "c2ln"])


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "a.b.c",
        "a" * 5000,
        token()[:-4] + "AAAA",
        token(STRANGERS_KEY),
        token(kid="theirs"),
        unsigned({"alg": "none", "kid": "ours"}, claims()),
        unsigned({"alg": "none", "kid": "ours"}, claims()).rsplit(".", 1)[0] + ".",
        unsigned({"alg": "EdDSA", "kid": {"$ne": ""}}, claims()),
        unsigned({"alg": "EdDSA"}, claims()),
        unsigned({"alg": "EdDSA", "kid": "ours", "crit": ["x"]}, claims()),
        jwt.encode(claims(), "0123456789abcdef0123456789abcdef", algorithm="HS256", headers={"kid": "ours"}),
        jwt.encode(claims(sub=None), KEY, algorithm="EdDSA", headers={"kid": "ours"}),
        jwt.encode(claims(sub="me"), KEY, algorithm="EdDSA", headers={"kid": "ours"}),
        jwt.encode(claims(sid=None), KEY, algorithm="EdDSA", headers={"kid": "ours"}),
        jwt.encode(claims(exp=None), KEY, algorithm="EdDSA", headers={"kid": "ours"}),
        jwt.encode(claims(exp=1e300), KEY, algorithm="EdDSA", headers={"kid": "ours"}),
        jwt.encode(claims(role=["admin"]), KEY, algorithm="EdDSA", headers={"kid": "ours"}),
        "\udcff.\udcff.\udcff",
        "ü.ü.ü",
        token() + "\n",
    ],
)
def test_what_is_no_token_of_ours_is_refused(bad: str) -> None:
    with pytest.raises(Unauthenticated) as raised:
        verifier().verify(bad)

    assert "unauthenticated" == raised.value.code


@given(
    st.one_of(
        st.text(), st.text(st.characters()).map(lambda body: f"{body}.{body}.{body}"), st.binary().map(lambda raw: f"e30.{raw.hex()}.e30")
    )
)
def test_no_token_causes_a_fault(bad: str) -> None:
    with pytest.raises(Unauthenticated):
        verifier().verify(bad)


def test_who_has_not_read_the_keys_can_not_tell() -> None:
    keys, revoked = Keys(), Revoked()
    keys.ready = False

    with pytest.raises(Rejected) as raised:
        verifier(keys=keys).verify(token(kid="new"))
    assert 503 == raised.value.problem.status

    revoked.ready = False
    with pytest.raises(Rejected) as raised:
        verifier(revoked=revoked).verify(token())
    assert 503 == raised.value.problem.status


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("servicekit.identity._REMEMBERED", 3)
    verifying = verifier()

    for n in range(10):
        verifying.verify(issue(KEY, "ours", user_id=UUID(int=n), session_id=SESSION, role="writer", now=NOW))

    assert 3 == len(verifying._remembered)


def app() -> web.Application:
    made = toy()
    made[VERIFIER] = verifier()
    return made


async def test_a_caller_gets_through_and_nobody_else() -> None:
    async with serving(app()) as served:
        async with served.client.delete(f"/api/toy/{ID}", headers={"Authorization": f"bearer {token()}"}) as response:
            assert 204 == response.status
        async with served.client.delete(f"/api/toy/{ID}") as response:
            await problem(response, 401, "unauthenticated")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer a.b.c", "Bearer a b", "Bearer ü", f"Token {token()}", token()]
)
async def test_a_bad_header_is_refused_where_nobody_needs_to_sign_in_too(header: str) -> None:
    async with serving(app()) as served, served.client.get(f"/api/toy/{ID}", headers={"Authorization": header}) as response:
        await problem(response, 401, "unauthenticated")

        assert response.headers["WWW-Authenticate"].startswith("Bearer")


async def test_an_expired_token_is_told_from_a_wrong_one() -> None:
    made = toy()
    made[VERIFIER] = verifier(clock=lambda: NOW + 2 * LIFETIME)
    headers = {"Authorization": f"Bearer {token()}"}
    async with serving(made) as served:
        async with served.client.get(f"/api/toy/{ID}", headers=headers) as response:
            await problem(response, 401, "token-expired")
        async with served.client.get("/api/toy", headers=headers) as response:
            assert 200 == response.status  # this route does not ask who asks
