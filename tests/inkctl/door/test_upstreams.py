"""A replica that falls silent is left out, and comes back."""

import asyncio

from tests.inkctl.door.conftest import Front, Open

LEASE_SECONDS = 1.0
KEY = {"Idempotency-Key": "k"}


async def _until_answered_by(front: Front, wanted: set[str]) -> None:
    async with asyncio.timeout(10):
        while True:
            names = set()
            for _ in range(2):
                async with front.session.get(f"{front.address}/api/posts") as answer:
                    names.add(await answer.text())
            if names == wanted:
                return


async def test_a_silent_replica_stops_nothing_for_longer_than_a_lease(open_front: Open) -> None:
    front = await open_front(LEASE_SECONDS, posts_service=2)
    first, second = front.stands["posts_service"]
    first.alive.clear()

    async def write() -> str:
        async with front.session.post(f"{front.address}/api/posts", data=b"{}", headers=KEY) as answer:
            return await answer.text()

    async with asyncio.timeout(5):
        names = await asyncio.gather(*(write() for _ in range(4)))

    assert {second.name} == set(names)
    first.alive.set()


async def test_a_silent_replica_gets_no_further_request_until_it_answers(open_front: Open) -> None:
    front = await open_front(LEASE_SECONDS, posts_service=2)
    first, second = front.stands["posts_service"]

    first.alive.clear()
    await _until_answered_by(front, {second.name})
    received = first.received
    await _until_answered_by(front, {second.name})
    further = first.received - received
    first.alive.set()

    assert 0 == further
    await _until_answered_by(front, {first.name, second.name})


async def test_a_service_that_was_killed_is_back_as_soon_as_it_answers(front: Front) -> None:
    stand = front["posts_service"]
    await stand.stop()
    async with front.session.get(f"{front.address}/api/posts") as down:
        pass

    await stand.start()

    assert 503 == down.status
    await _until_answered_by(front, {stand.name})


async def test_a_write_without_a_key_in_the_hands_of_a_silent_replica_is_unavailable(open_front: Open) -> None:
    front = await open_front(LEASE_SECONDS)
    stand = front["posts_service"]
    stand.alive.clear()

    async with asyncio.timeout(5), front.session.post(f"{front.address}/api/posts", data=b"{}") as answer:
        pass

    assert 503 == answer.status
    stand.alive.set()
