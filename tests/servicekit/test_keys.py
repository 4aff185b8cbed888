"""Keys folded from the log: what is found, what is forgotten, what is not ours to open, and what may stand there by mistake."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from eventlog.deciding import Behind
from eventlog.log import OutcomeUnknown
from eventlog.memory import MemoryLog
from eventlog.record import Headers, Partition
from events.sealing import KeyErased, KeyMissing, new_key
from servicekit.following import Following
from servicekit.keys import DataKeys, KeyWithheld, SigningKeys, WrongKek

KEK, CREDENTIALS_KEK = new_key(), new_key()
KEYS, JWKS = Partition("keys", 0), Partition("jwks", 0)
COMMAND = UUID(int=7)


class Clock:
    """Moves on by a second each time it is read."""

    def __init__(self) -> None:
        self.now = datetime(2025, 5, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def data_keys(log: MemoryLog, *keks: bytes) -> DataKeys:
    return DataKeys(log, ["keys"], keks=keks or [KEK], own="keys", clock=Clock())


def signing_keys(log: MemoryLog, kek: bytes = KEK) -> SigningKeys:
    return SigningKeys(log, kek=kek, clock=Clock())


@asynccontextmanager
async def following(*tails: Following) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(tail.run()) for tail in tails]
    try:
        for tail in tails:
            await tail.catch_up()
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_key_is_known_where_it_was_made_and_everywhere_else() -> None:
    log = MemoryLog()
    mine, theirs = data_keys(log), data_keys(log)
    async with following(mine.following, theirs.following):
        kid = await mine.make("user:1", COMMAND)
        at_once = mine.key_of(kid)
        await theirs.catch_up()

        assert 32 == len(at_once)
        assert at_once == theirs.key_of(kid)


async def test_a_key_is_on_the_log_wrapped_only() -> None:
    log = MemoryLog()
    keys = data_keys(log)

    kid = await keys.make("user:1", COMMAND)

    written = log.records[KEYS][0]
    assert str(kid).encode() == written.key
    assert keys.key_of(kid) not in (written.value or b"")


async def test_an_unknown_key_is_missing_not_erased() -> None:
    with pytest.raises(KeyMissing):
        data_keys(MemoryLog()).key_of(uuid4())


async def test_a_forgotten_key_is_erased_for_those_who_held_it_and_for_those_who_come_later() -> None:
    log = MemoryLog()
    held, later = data_keys(log), data_keys(log)
    async with following(held.following):
        kid = await held.make("user:1", COMMAND)
        held.key_of(kid)
        again = log.records[KEYS][0]
        await log.append(KEYS, str(kid).encode(), None, [])
        await log.append(KEYS, str(kid).encode(), again.value, again.headers)  # nothing revives it
        await held.catch_up()
        async with following(later.following):
            for keys in (held, later):
                with pytest.raises(KeyErased):
                    keys.key_of(kid)


async def test_what_another_service_wraps_reads_as_erased() -> None:
    log = MemoryLog()
    auth, posts = data_keys(log, KEK, CREDENTIALS_KEK), data_keys(log)
    async with following(auth.following, posts.following):
        kid = await auth.make("user:1", COMMAND, kek=CREDENTIALS_KEK)
        await posts.catch_up()

        assert 32 == len(auth.key_of(kid))
        with pytest.raises(KeyWithheld):
            posts.key_of(kid)


async def test_a_wrong_kek_is_refused_and_a_fresh_installation_is_not() -> None:
    log = MemoryLog()
    data_keys(log).check()
    right, wrong = data_keys(log), data_keys(log, new_key(), KEK)
    async with following(right.following, wrong.following):
        await right.make("user:1", COMMAND)
        await right.make("user:1", COMMAND, kek=CREDENTIALS_KEK)
        await wrong.catch_up()

        right.check()
        with pytest.raises(WrongKek, match="INKSTREAM_KEK"):
            wrong.check()


async def test_what_is_no_key_stops_nobody() -> None:
    log = MemoryLog()
    keys, signing = data_keys(log), signing_keys(log)
    nonsense: list[tuple[bytes | None, bytes | None, Headers]] = [
        (None, None, []),
        (b"\xff\xfe", None, []),
        (b"no id", None, []),
        (b"no id", b"nonsense", []),
        (str(uuid4()).encode(), b"nonsense", [("ce_id", b"\xff"), ("ce_type", b"\xff")]),
        (str(uuid4()).encode(), b"\xc3\x01" + bytes(8), [("ce_id", str(uuid4()).encode()), ("ce_type", b"inkstream.data-key.made.v1")]),
    ]
    for key, value, headers in nonsense:
        for place in (KEYS, JWKS):
            await log.append(place, key, value, headers)  # type: ignore[arg-type] # a record without a key, as anybody could write it
    async with following(keys.following, signing.following):
        kid = await keys.make("user:1", COMMAND)
        await signing.ensure()
        await keys.catch_up()

        assert keys.key_of(kid)
        assert signing.signing_key()


async def test_a_key_under_the_name_of_another_is_none() -> None:
    log = MemoryLog()
    maker, reader = data_keys(log), data_keys(log)
    kid = await maker.make("user:1", COMMAND)
    made, other = log.records[KEYS].pop(), uuid4()
    await log.append(KEYS, str(other).encode(), made.value, made.headers)
    async with following(reader.following):
        for each in (kid, other):
            with pytest.raises(KeyMissing):
                reader.key_of(each)


class SilentLog(MemoryLog):
    """A log that does not say whether it took a record."""

    async def append(self, place: Partition, key: bytes, value: bytes | None, headers: Headers) -> int:
        await super().append(place, key, value, headers)
        raise OutcomeUnknown("no answer")


async def test_a_key_that_may_not_be_kept_is_not_used() -> None:
    keys = data_keys(SilentLog())

    with pytest.raises(Behind):
        await keys.make("user:1", COMMAND)

    assert {} == keys._made


async def test_a_signing_key_is_made_once_and_everybody_signs_with_the_same() -> None:
    log = MemoryLog()
    first, second = signing_keys(log), signing_keys(log)
    async with following(first.following, second.following):
        await asyncio.gather(first.ensure(), second.ensure())
        await asyncio.gather(first.following.catch_up(), second.following.catch_up())
        written = len(log.records[JWKS])
        await first.ensure()

        assert written == len(log.records[JWKS])
        kid, key = first.signing_key()
        assert kid == second.signing_key()[0]
        public = second.public_key(kid)
        assert public is not None
        public.verify(key.sign(b"x"), b"x")
        assert set(first.published()) == set(second.published())


async def test_a_signing_key_that_was_withdrawn_verifies_nothing() -> None:
    log = MemoryLog()
    keys = signing_keys(log)
    async with following(keys.following):
        await keys.ensure()
        kid, _ = keys.signing_key()
        await log.append(JWKS, kid.encode(), None, [])
        await keys.following.catch_up()

        assert keys.public_key(kid) is None
