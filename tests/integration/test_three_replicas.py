"""Three replicas of each service: they share the work, do none of it twice, and go on without one that is gone; `/metrics` tells."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession

from auth_service.passwords import PASSWORDS, Passwords
from eventlog.ledger import share_of
from eventlog.progress import Token
from eventlog.projector import Projector
from eventlog.record import Partition
from servicekit.engine import ENGINE
from tests.kit.engine import until
from tests.kit.installation import Installation, installation
from tests.kit.services import SERVICES, service

pytestmark = pytest.mark.integration

REPLICAS = 3
TERM = 3.0  # seconds that a lease lasts
SOON = 30.0  # seconds that anything takes at most where others use the machine as well
ACCOUNTS = Partition("accounts", 0)  # every service follows it
DONE = ("inkstream_projector_accepted", "inkstream_projector_void", "inkstream_projector_discarded")


@dataclass(frozen=True)
class Running:
    """A replica, and a client for it."""

    projector: Projector
    client: ClientSession

    async def figures(self) -> dict[str, float]:
        """What its `/metrics` tell."""
        async with self.client.get("/metrics") as response:
            return {name: float(figure) for name, figure in re.findall(r"^(\w+) (\S+)$", await response.text(), re.MULTILINE)}


@pytest_asyncio.fixture(scope="module")
async def site(kafka: str, mongo: str) -> AsyncIterator[Installation]:
    async with installation(kafka, mongo) as made:
        yield made


@pytest_asyncio.fixture(scope="module")
async def replicas(site: Installation) -> AsyncIterator[dict[str, list[Running]]]:
    """Three of each service, by its name, once they have shared what there is to lead."""
    found: dict[str, list[Running]] = {name: [] for name in SERVICES}
    async with AsyncExitStack() as stack:

        async def start(name: str, number: int) -> None:
            app = service(name, site, replica=f"{name}-{number}", lease_ms=int(TERM * 1000))
            if name == "auth":
                app[PASSWORDS] = Passwords(cost=4)
            client = await stack.enter_async_context(site.running(app))
            found[name].append(Running(app[ENGINE].projector, client))

        await asyncio.gather(*(start(name, number) for name in SERVICES for number in range(REPLICAS)))
        await asyncio.gather(*map(shared, found.values()))
        yield found


async def shared(group: list[Running]) -> None:
    """Wait until replicas have shared the partitions, and each judges what it leads."""
    places = frozenset(group[0].projector.places)

    def holds() -> bool:
        led = [each.projector.led & each.projector.leases.judging for each in group]
        return frozenset().union(*led) == places and sum(map(len, led)) == len(places) and all(led)

    await until(holds, SOON)


async def total(group: list[Running]) -> dict[str, float]:
    """What some replicas have done, taken together."""
    figures = [await each.figures() for each in group]
    return {name: sum(each[name] for each in figures) for name in DONE}


async def caught_up(group: list[Running], ends: Token) -> None:
    for each in group:
        assert await each.projector.progress.reached(ends, SOON)


async def test_leadership_is_spread(replicas: dict[str, list[Running]]) -> None:
    for name, group in replicas.items():
        places = len(group[0].projector.places)
        figures = [await each.figures() for each in group]
        for figure in ("inkstream_leases_held", "inkstream_leases_judging"):
            held = [each[figure] for each in figures]
            assert places == sum(held), (name, figure, held)
            assert share_of(places, REPLICAS) >= max(held), (name, figure, held)
            assert places // REPLICAS - 1 <= min(held), (name, figure, held)


async def test_in_the_steady_state_each_record_is_fed_by_one_replica_alone(site: Installation, replicas: dict[str, list[Running]]) -> None:
    before = await everything(site, replicas)

    await asyncio.gather(*(written(replicas, f"author{number}") for number in range(2 * REPLICAS)))
    after = await everything(site, replicas)

    for name, (records, done) in after.items():
        known, was = before[name]
        fed = done[DONE[0]] + done[DONE[1]] - was[DONE[0]] - was[DONE[1]]
        assert records - known == fed, name
        assert records - known >= 2 * REPLICAS, name
        assert 0 == done[DONE[2]] - was[DONE[2]], name


async def everything(site: Installation, replicas: dict[str, list[Running]]) -> dict[str, tuple[int, dict[str, float]]]:
    """Of each service: how many records there are that it follows, once it has fed them, and what its replicas have done."""
    found = {}
    for name, group in replicas.items():
        ends = await site.log.ends(group[0].projector.places)
        await caught_up(group, Token(ends))
        found[name] = sum(ends.values()), await total(group)
    return found


async def written(replicas: dict[str, list[Running]], handle: str) -> None:
    """Somebody signs up, publishes a post and comments on it, each time on another replica."""
    clients = {name: cycle([each.client for each in group]) for name, group in replicas.items()}
    headers: dict[str, str] = {}

    async def ask(name: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with next(clients[name]).post(f"/api/{name}/{path}".rstrip("/"), json=body, headers=headers) as response:
            answer: dict[str, Any] = await response.json()
            assert response.status < 300, answer
            headers["Consistency-Token"] = str(
                Token.parse(headers.get("Consistency-Token", "")).merge(Token.parse(response.headers["Consistency-Token"]))
            )
            return answer

    person = {"handle": handle, "email": f"{handle}@example.org", "password": "a long enough sentence"}
    headers["Authorization"] = f"Bearer {(await ask('auth', 'register', person))['access_token']}"
    draft = await ask("posts", "", {"title": "On replicas", "body": "There are three."})
    post = await ask("posts", f"{draft['id']}/publish", {})
    for number in range(REPLICAS):
        await ask("comments", "", {"post_id": post["id"], "body": f"Comment {number}"})


async def test_another_goes_on_within_the_lease_when_a_leader_is_gone(
    site: Installation, replicas: dict[str, list[Running]], monkeypatch: pytest.MonkeyPatch, record_property: Any
) -> None:
    gone = {name: next(each for each in group if ACCOUNTS in each.projector.led) for name, group in replicas.items()}
    await asyncio.gather(*(stand_still(each.projector, monkeypatch) for each in gone.values()))
    begun = time.monotonic()
    await site.somebody()
    ends = Token(await site.ends("accounts"))

    async def took_over(name: str) -> float:
        await caught_up(replicas[name], ends)  # the views are the same for all, and so is their position
        return time.monotonic() - begun

    took = dict(zip(replicas, await asyncio.gather(*map(took_over, replicas)), strict=True))

    said = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in took.items())
    record_property("seconds until another led", said)
    print(f"another led after {said}; wanted is {TERM + 1:.0f} s at most")  # noqa: T201 - a figure
    assert max(took.values()) < SOON / 2
    for name, group in replicas.items():
        left = [each for each in group if each is not gone[name]]
        assert any(ACCOUNTS in each.projector.led for each in left), name


async def stand_still(projector: Projector, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a replica do nothing any more, as one does that is gone: it hands nothing over."""
    stands = asyncio.Event()

    async def never(*_: Any) -> Any:
        await asyncio.Event().wait()

    async def stand() -> None:
        stands.set()
        await never()

    monkeypatch.setattr(projector.leases, "renew", never)
    monkeypatch.setattr(projector, "_step", stand)
    await stands.wait()
