"""Opening accounts: who gets which name, what is refused, and what a repeat is answered."""

import asyncio
from collections import Counter
from typing import Any
from uuid import uuid4

import pytest

from tests.auth_service.running import Place, Replica, replica, unique

pytestmark = pytest.mark.integration


async def test_somebody_opens_an_account_and_is_signed_in(one: Replica) -> None:
    handle = unique()

    made = await one.register(handle.upper(), name="Ada Lovelace")

    assert 201 == made.status
    assert {"handle": handle, "name": "Ada Lovelace", "role": "writer"} == {k: v for k, v in made.shown["user"].items() if k != "id"}
    assert ("Bearer", 600) == (made.shown["token_type"], made.shown["expires_in"])
    assert "accounts/0:" in made.headers["Consistency-Token"]
    assert "sessions/" in made.headers["Consistency-Token"]
    refresh = next(header for header in made.headers.getall("Set-Cookie") if header.startswith("inkstream_refresh="))
    assert "; HttpOnly; Max-Age=2592000; Path=/api/auth; SameSite=Strict" == refresh[refresh.index(";") :]
    me = await one.me(made.bearer)
    assert made.shown["user"]["id"] == me.shown["id"]
    assert (f"{handle.upper()}@example.org", "", '"1"') == (me.shown["email"], me.shown["bio"], me.headers["ETag"])


async def test_the_name_of_one_who_gives_none_is_the_handle(one: Replica) -> None:
    handle = unique()

    made = await one.register(handle, name="  ")

    assert handle == made.shown["user"]["name"]


async def test_the_cookie_is_secure_where_browsers_come_by_https(place: Place) -> None:
    async with replica(place, public_url="https://blog.example") as only:
        made = await only.register("ada")

        cookies = [header for header in made.headers.getall("Set-Cookie") if header.startswith("inkstream_")]
        assert len(cookies) == sum("; Secure" in cookie for cookie in cookies)


async def test_fifty_parallel_sign_ups_for_one_handle_give_one_account(one: Replica, other: Replica) -> None:
    handle = unique()

    replies = await asyncio.gather(*((one, other)[n % 2].register(handle, email=f"{unique()}@example.org") for n in range(50)))

    assert Counter({201: 1, 409: 49}) == Counter(reply.status for reply in replies)
    assert {"handle-taken"} == {reply.code for reply in replies if reply.status == 409}


async def test_twenty_parallel_sign_ups_for_one_address_give_one_account(one: Replica, other: Replica) -> None:
    email = f"{unique()}@example.org"

    replies = await asyncio.gather(*((one, other)[n % 2].register(unique(), email=email.upper() if n % 3 else email) for n in range(20)))

    assert Counter({201: 1, 409: 19}) == Counter(reply.status for reply in replies)
    assert {"email-taken"} == {reply.code for reply in replies if reply.status == 409}


async def test_the_first_account_of_an_installation_is_its_admin(place: Place) -> None:
    async with replica(place) as only:
        first = await only.register("ada")
        second = await only.register("bob")

        assert ("admin", "writer") == (first.shown["user"]["role"], second.shown["user"]["role"])


async def test_of_twenty_who_come_first_at_once_one_is_the_admin(place: Place) -> None:
    async with replica(place) as only, replica(place) as other:
        replies = await asyncio.gather(*((only, other)[n % 2].register(f"user_{n}") for n in range(20)))

        assert Counter({201: 20}) == Counter(reply.status for reply in replies)
        assert Counter(admin=1, writer=19) == Counter(reply.shown["user"]["role"] for reply in replies)


async def test_a_repeat_is_the_same_account_on_any_replica(one: Replica, other: Replica) -> None:
    handle, key = unique(), {"Idempotency-Key": uuid4().hex}

    first = await one.register(handle, key)
    again = await other.register(handle, key)

    assert (201, 201) == (first.status, again.status)
    assert first.shown["user"] == again.shown["user"]
    assert 200 == (await one.refresh(again.cookie)).status


async def test_parallel_repeats_are_the_same_account(one: Replica, other: Replica) -> None:
    handle, key = unique(), {"Idempotency-Key": uuid4().hex}

    replies = await asyncio.gather(*((one, other)[n % 2].register(handle, key) for n in range(6)))

    assert {201} == {reply.status for reply in replies}
    assert 1 == len({reply.shown["user"]["id"] for reply in replies})


async def test_a_repeat_with_another_password_gets_no_credentials(one: Replica) -> None:
    handle, key = unique(), {"Idempotency-Key": uuid4().hex}
    await one.register(handle, key)

    stranger = await one.register(handle, key, password="quite another sentence")  # noqa: S106 - nobody's

    assert (401, "unauthenticated") == (stranger.status, stranger.code)
    assert {} == stranger.cookies


async def test_the_same_key_with_another_handle_is_refused(one: Replica) -> None:
    handle, key = unique(), {"Idempotency-Key": uuid4().hex}
    await one.register(handle, key)

    reply = await one.register(unique(), key, email=f"{handle}@example.org")

    assert (422, "key-reused") == (reply.status, reply.code)


async def test_two_people_may_use_the_same_key(one: Replica) -> None:
    key = {"Idempotency-Key": "1"}

    first, second = await one.register(unique(), key), await one.register(unique(), key)

    assert (201, 201) == (first.status, second.status)
    assert first.shown["user"]["id"] != second.shown["user"]["id"]


async def test_one_address_that_signs_up_too_often_has_to_wait(place: Place) -> None:
    async with replica(place, address_rate="2/minute") as only:
        replies = [await only.register(f"user_{n}") for n in range(3)]

        assert [201, 201, 429] == [reply.status for reply in replies]
        assert 0 < int(replies[2].headers["Retry-After"]) <= 60


def test_one_address_may_sign_up_five_times_a_second_for_as_long_as_it_likes(place: Place) -> None:
    count, _, period = place.settings().address_rate.partition("/")

    assert int(count) >= 300
    assert "minute" == period


async def test_a_taken_handle_does_not_come_free_by_its_case(one: Replica) -> None:
    handle = unique()
    await one.register(handle)

    reply = await one.register(handle.upper(), email=f"{unique()}@example.org")

    assert (409, "handle-taken") == (reply.status, reply.code)


VALID = {"handle": "valid_handle", "email": "valid@example.org", "password": "a long enough sentence"}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/handle", "ab"),
        ("/handle", "a" * 31),
        ("/handle", "with-hyphen"),
        ("/handle", "ünsicher"),
        ("/handle", "Api"),
        ("/handle", "sign_in"),
        ("/handle", "nul\x00byte"),
        ("/handle", {"$ne": None}),
        ("/handle", ["ada"]),
        ("/handle", None),
        ("/handle", 7),
        ("/email", "no address"),
        ("/email", "a@b"),
        ("/email", "a@-b.org"),
        ("/email", "a..b@example.org"),
        ("/email", f"{'a' * 65}@example.org"),
        ("/email", {"$gt": ""}),
        ("/email", "line\n@example.org"),
        ("/name", "x" * 51),
        ("/name", "bell\x07"),
        ("/name", {"$where": "1"}),
        ("/password", "too short"),
        ("/password", "ü" * 37),
        ("/password", "with\x00 a NUL in it"),
        ("/password", "1234567890"),
        ("/password", "Qwertyuiop"),
        ("/password", "Valid_Handle"),
        ("/password", "Valid@Example.org"),
        ("/password", {"$exists": True}),
        ("/admin", True),
    ],
)
async def test_what_may_not_be_is_refused_with_its_place(one: Replica, pointer: str, value: Any) -> None:
    reply = await one.ask("POST", "/api/auth/register", {**VALID, pointer[1:]: value})

    assert 422 == reply.status
    assert [pointer] == [error["pointer"] for error in reply.shown["errors"]]


@pytest.mark.parametrize("email", ["o'hara+tag@sub.example.co.uk", "用户@例子.公司", "müller@bücher.example"])
async def test_addresses_of_all_kinds_are_taken(one: Replica, email: str) -> None:
    reply = await one.register(unique(), email=email)

    assert 201 == reply.status
