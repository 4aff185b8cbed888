"""Signing in: by which names, with which passwords, and what a repeat is answered."""

from uuid import uuid4

import pytest

from auth_service.passwords import PASSWORDS
from tests.auth_service.running import PASSWORD, Replica, registered, session_of, unique

pytestmark = pytest.mark.integration


async def test_somebody_signs_in_by_handle_or_address_in_any_case(one: Replica) -> None:
    handle, made = await registered(one)

    by_handle = await one.login(f" {handle.upper()} ")
    by_address = await one.login(f"{handle.upper()}@Example.ORG")

    assert (200, 200) == (by_handle.status, by_address.status)
    assert made.shown["user"] == by_handle.shown["user"] == by_address.shown["user"]
    assert 3 == len({session_of(reply) for reply in (made, by_handle, by_address)})


async def test_one_who_just_registered_signs_in_on_the_other_replica(one: Replica, other: Replica) -> None:
    handle, _ = await registered(one)

    reply = await other.login(handle)

    assert 200 == reply.status


@pytest.mark.parametrize("password", ["not the right sentence", "x", "ü" * 40, "a long enough sentence " + "x" * 80])
async def test_a_wrong_password_and_an_unknown_login_are_answered_alike(one: Replica, password: str) -> None:
    handle, _ = await registered(one)

    replies = [await one.login(login, password) for login in (handle, unique(), f"{unique()}@example.org", "$ne", "@")]

    assert [(401, "unauthenticated")] * 5 == [(reply.status, reply.code) for reply in replies]
    assert 1 == len({reply.shown["detail"] for reply in replies})


async def test_an_unknown_login_costs_as_much_as_a_wrong_password(one: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    handle, _ = await registered(one)
    costs: list[bytes] = []
    monkeypatch.setattr(one.app[PASSWORDS], "checked", lambda _, hashed: costs.append(hashed[:7]))

    await one.login(handle, "not the right sentence")
    await one.login(unique(), "not the right sentence")

    assert [b"$2b$04$", b"$2b$04$"] == costs


@pytest.mark.parametrize(
    ("pointer", "value"),
    [("/login", {"$ne": ""}), ("/login", "a\x00b"), ("/login", ""), ("/password", ["x"]), ("/password", "\x07" * 10), ("/code", 1)],
)
async def test_what_nobody_can_mean_is_refused_with_its_place(one: Replica, pointer: str, value: object) -> None:
    asked = {"login": "ada", "password": PASSWORD, pointer[1:]: value}

    reply = await one.ask("POST", "/api/auth/login", asked)

    assert 422 == reply.status
    assert [pointer] == [error["pointer"] for error in reply.shown["errors"]]


async def test_a_password_is_not_taken_for_its_first_seventy_two_bytes(one: Replica) -> None:
    handle = unique()
    await one.register(handle, password="p" * 72)

    assert 401 == (await one.login(handle, "p" * 73)).status
    assert 200 == (await one.login(handle, "p" * 72)).status


async def test_a_password_is_the_same_however_its_letters_are_composed(one: Replica) -> None:
    handle = unique()
    await one.register(handle, password="schöne Passwörter")  # noqa: S106 - nobody's

    assert 200 == (await one.login(handle, "scho\u0308ne Passwo\u0308rter")).status


async def test_a_repeated_sign_in_is_the_same_session(one: Replica, other: Replica) -> None:
    handle, _ = await registered(one)
    key = {"Idempotency-Key": uuid4().hex}

    first = await one.login(handle, headers=key)
    again = await other.login(handle, headers=key)

    assert session_of(first) == session_of(again)


async def test_a_sign_in_repeated_after_signing_out_opens_another_session(one: Replica) -> None:
    handle, _ = await registered(one)
    key = {"Idempotency-Key": uuid4().hex}
    first = await one.login(handle, headers=key)
    await one.logout(first.cookie)

    again = await one.login(handle, headers=key)

    assert session_of(first) != session_of(again)
    assert 200 == (await one.me(again.bearer)).status


async def test_ten_wrong_passwords_in_a_minute_close_an_account_to_guessing_for_a_while(one: Replica) -> None:
    handle, _ = await registered(one)
    for _ in range(10):
        await one.login(handle, "not the right sentence")

    reply = await one.login(handle)

    assert (429, "rate-limited") == (reply.status, reply.code)
    assert 0 < int(reply.headers["Retry-After"]) <= 60
