"""What of a person stands where: nothing readable on the log, credentials for this service alone, tokens as hashes only."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pymongo import MongoClient

from eventlog.facts import Facts
from eventlog.log import KafkaLog, places_of, read
from eventlog.record import Record
from eventlog.topics import TOPICS
from events.accounts import Credentials, UserRegistered
from servicekit.app import now
from servicekit.keys import DataKeys
from tests.auth_service.running import KEYS, PASSWORD, Place, replica, secret

pytestmark = pytest.mark.integration

AGENT = "Netscape Navigator 4.08"


@asynccontextmanager
async def log_of(place: Place) -> AsyncIterator[KafkaLog]:
    log = KafkaLog(place.kafka, prefix=place.topic_prefix)
    await log.start()
    try:
        yield log
    finally:
        await log.stop()


async def records(place: Place) -> list[Record]:
    async with log_of(place) as log:
        return [record async for record in read(log, dict.fromkeys(places_of(TOPICS), 0))]


def bytes_of(record: Record) -> bytes:
    headers = [part for name, value in record.headers for part in (name.encode(), value)]
    return b"\n".join([record.key or b"", record.value or b"", *headers])


async def test_no_record_shows_who_somebody_is(place: Place) -> None:
    async with replica(place) as only:
        key = {"Idempotency-Key": "lovelace-1", "User-Agent": AGENT}
        made = await only.register("lovelace", key, name="Ada of Ockham")
        await only.login("lovelace@example.org", headers={"User-Agent": AGENT})
        await only.refresh(made.cookie)
        await only.logout(made.cookie)
        await only.register("lovelace", email="other@example.org")

    written = [bytes_of(record) for record in await records(place)]

    assert {"accounts", "sessions", "keys", "jwks"} == {record.topic for record in await records(place)}
    for word in ("lovelace", "example.org", "Ockham", PASSWORD, "$2b$", "Netscape", "127.0.0.1", made.cookies["inkstream_refresh"]):
        assert [] == [found for found in written if word.lower().encode() in found.lower()], word


async def test_a_service_without_the_key_of_credentials_can_not_open_them(place: Place) -> None:
    async with replica(place) as only:
        await only.register("ada")
    registration = next(record for record in await records(place) if record.topic == "accounts")

    async with log_of(place) as log:
        keks = {name: KEYS[name] for name in ("kek", "credentials_kek")}
        theirs = await opened(log, registration, [secret(keks["kek"])])
        ours = await opened(log, registration, [secret(each) for each in keks.values()])

    assert ("ada", Credentials()) == (theirs.profile.value.handle, theirs.credentials.value)
    assert "ada@example.org" == ours.credentials.value.email


async def test_of_a_refresh_token_only_its_hash_is_kept(place: Place) -> None:
    async with replica(place) as only:
        made = await only.register("ada")

    with MongoClient[dict[str, Any]](place.mongo) as client:
        stored = list(client[place.database_prefix + "auth_local"].refresh_tokens.find())

    token = made.cookies["inkstream_refresh"]
    assert [hashlib.sha256(token.encode()).hexdigest()] == [each["_id"] for each in stored]
    assert token not in str(stored)


async def test_of_a_session_that_ended_no_token_is_kept(place: Place) -> None:
    async with replica(place) as only:
        made = await only.register("ada")
        renewed = await only.refresh(made.cookie)
        await only.logout(renewed.cookie)

    with MongoClient[dict[str, Any]](place.mongo) as client:
        local = client[place.database_prefix + "auth_local"]
        assert [0, 0] == [local[name].count_documents({}) for name in ("refresh_tokens", "refresh_sessions")]


async def test_accounts_come_back_after_their_views_were_dropped(place: Place) -> None:
    async with replica(place) as before:
        made = await before.register("ada")
        closed = await before.login("ada")
        await before.logout(closed.cookie)
    with MongoClient[dict[str, Any]](place.mongo) as client:
        client.drop_database(place.database_prefix + "auth")

    async with replica(place) as after:
        signed_in = await after.login("ada")
        renewed = await after.refresh(made.cookie)

        assert (200, 200) == (signed_in.status, renewed.status)
        assert made.shown["user"] == signed_in.shown["user"] == renewed.shown["user"]
        assert 401 == (await after.refresh(closed.cookie)).status
        assert 401 == (await after.me(closed.bearer)).status
        assert 409 == (await after.register("ada", email="other@example.org")).status


async def opened(log: KafkaLog, record: Record, keks: list[bytes]) -> UserRegistered:
    """What a record tells one who has some of the keys."""
    keys = DataKeys(log, ["keys"], keks=keks, own=None, clock=now)
    async for each in read(log, dict.fromkeys(places_of(["keys"]), 0)):
        keys._fold(each)
    event = Facts(keys).decode(record)
    assert isinstance(event, UserRegistered)
    return event
