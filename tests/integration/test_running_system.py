"""The whole system: what readers and writers are promised while its parts die, stop and come back."""

import asyncio
import os
import shutil
import signal
from collections import Counter
from collections.abc import AsyncIterator
from uuid import uuid4

import aiohttp
import pytest
from pymongo import AsyncMongoClient

from tests.kit.system import AGAIN, PASSWORD, Person, System

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

SERVICES = ["auth_service", "posts_service", "posts_service.2", "comments_service", "query_service"]
PARTS = [*SERVICES, "door", "mongod", "kafka"]


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=timeout) as session:
        yield session


@pytest.fixture
async def author(system: System, session: aiohttp.ClientSession) -> Person:
    return await Person.sign_up(system, session)


async def mine(author: Person) -> list[str]:
    """The titles of an author's posts, all pages of them."""
    titles: list[str] = []
    cursor = ""
    while True:
        status, page, _ = await author.ask("GET", f"/api/posts/mine?limit=100{cursor}")
        assert status == 200, page
        titles += [post["title"] for post in page["items"]]
        if page["next"] is None:
            return titles
        cursor = f"&cursor={page['next']}"


async def test_every_write_that_was_answered_is_there_once_whatever_is_killed(system: System, author: Person) -> None:
    written: list[str] = []
    grown = asyncio.Condition()
    killing = True

    async def write(number: int) -> None:
        while killing:
            title = f"post {number} {uuid4().hex}"
            await author.insist("POST", "/api/posts", {"title": title, "body": title})
            async with grown:
                written.append(title)
                grown.notify_all()

    async def look() -> None:
        while killing:
            try:
                status, page, _ = await author.ask("GET", "/")
                assert status in {200, 503}, page
            except aiohttp.ClientError:
                await asyncio.sleep(AGAIN)  # the door itself is down

    async with asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(write(number))
        group.create_task(look())
        for part in PARTS:
            await system.brought_back(part, system.signal(part, signal.SIGKILL))
            async with grown:
                await grown.wait()  # it goes on
        killing = False

    assert Counter(written) == Counter(await mine(author))


async def test_everything_killed_at_once_is_brought_back_by_up(system: System, author: Person) -> None:
    written = [(await author.publish(f"before the end {n}"))["title"] for n in range(3)]
    supervisor = int((system.home / "lock").read_text())

    for each in [supervisor, *(int(part["pid"]) for part in system.status().values())]:
        try:
            os.kill(each, signal.SIGKILL)
        except ProcessLookupError:
            continue  # it went with the supervisor
    system.up()

    assert Counter(written) == Counter(await mine(author))


async def test_a_new_author_can_do_all_that_the_operators_check_does(system: System) -> None:
    said = (await asyncio.to_thread(system.inkctl, "check", system.url)).stdout

    assert ["Sign up", "Write", "Publish", "Read it", "It works"] == [line.partition(":")[0] for line in said.splitlines()]


async def test_one_of_fifty_gets_the_handle(system: System, session: aiohttp.ClientSession) -> None:
    handle = f"h{uuid4().hex[:12]}"
    stranger = Person(system, session, handle)

    async def register(number: int) -> int:
        body = {"handle": handle, "email": f"{handle}{number}@example.org", "password": PASSWORD}
        return (await stranger.ask("POST", "/api/auth/register", body))[0]

    assert {201: 1, 409: 49} == Counter(await asyncio.gather(*(register(n) for n in range(50))))


async def test_one_of_twenty_revisions_of_a_version_is_made(author: Person) -> None:
    draft = await author.insist("POST", "/api/posts", {"title": "A draft", "body": "one"})

    async def revise(number: int) -> tuple[int, int]:
        status, answer, _ = await author.ask("PATCH", f"/api/posts/{draft['id']}", {"body": f"two {number}"}, {"If-Match": '"1"'})
        return status, answer.get("current_version", answer.get("version"))

    assert {(200, 2): 1, (412, 2): 19} == Counter(await asyncio.gather(*(revise(n) for n in range(20))))


async def test_a_read_with_the_token_of_a_write_reflects_it(author: Person) -> None:
    post = await author.publish("Read your writes")
    for number in range(1000):
        body = {"post_id": post["id"], "body": f"comment {number}"}
        status, comment, headers = await author.ask("POST", "/api/comments", body)
        assert status == 201, comment
        token = {"Consistency-Token": headers["Consistency-Token"]}
        status, article, headers = await author.ask("GET", f"/api/query/posts/{author.handle}/{post['slug']}", None, token)
        assert (200, number + 1, None) == (status, article["counts"]["comments"], headers.get("Consistency")), article


async def test_writing_and_reading_go_on_without_auth(system: System, author: Person) -> None:
    pid = system.signal("auth_service", signal.SIGSTOP)
    try:
        post = await author.publish("Without auth")
        await author.insist("POST", "/api/comments", {"post_id": post["id"], "body": "still here"})
        status, article, _ = await author.ask("GET", f"/api/query/posts/{author.handle}/{post['slug']}")
    finally:
        os.kill(pid, signal.SIGCONT)

    assert (200, 1) == (status, article["counts"]["comments"])


async def test_one_stopped_replica_stops_nothing_for_long(system: System, author: Person) -> None:
    pid = system.signal("posts_service", signal.SIGSTOP)
    try:
        async with asyncio.timeout(15):
            for number in range(5):
                await author.insist("POST", "/api/posts", {"title": f"While one stands {number}", "body": ""})
    finally:
        os.kill(pid, signal.SIGCONT)

    assert Counter(f"While one stands {number}" for number in range(5)) == Counter(await mine(author))


async def test_without_the_database_reads_say_that_they_are_behind_and_commands_are_not_taken(system: System, author: Person) -> None:
    post = await author.publish("A pause")
    path = f"/api/query/posts/{author.handle}/{post['slug']}"
    token = ",".join(f"posts/{partition}:999999999" for partition in range(12))
    pid = system.signal("mongod", signal.SIGSTOP)
    try:
        _, _, headers = await author.ask("GET", path, None, {"Consistency-Token": token})
        status, problem, _ = await author.ask("POST", "/api/comments", {"post_id": post["id"], "body": "now?"})
    finally:
        os.kill(pid, signal.SIGCONT)
    author.seen = ""
    await author.insist("POST", "/api/comments", {"post_id": post["id"], "body": "now."})

    assert "behind" == headers["Consistency"]
    assert 503 == status, problem


async def test_three_hundred_attempts_a_minute_from_one_address_are_welcome(system: System, session: aiohttp.ClientSession) -> None:
    taken = await Person.sign_up(system, session)
    gate = asyncio.Semaphore(16)

    async def register(number: int) -> int:
        body = {"handle": taken.handle, "email": f"{taken.handle}{number}@example.org", "password": PASSWORD}
        async with gate:
            return (await taken.ask("POST", "/api/auth/register", body))[0]

    assert {409: 300} == Counter(await asyncio.gather(*(register(n) for n in range(300))))


async def test_dropped_read_models_come_back_the_same_while_the_services_run(system: System, author: Person) -> None:
    post = await author.publish("It comes back", "# A title\n\nSome *words*, `code` and a [link](https://example.org).")
    await author.insist("POST", "/api/comments", {"post_id": post["id"], "body": "and so does **this**"})
    paths = ["/", f"/@{author.handle}", f"/@{author.handle}/{post['slug']}"]
    before = [(await author.ask("GET", path))[:2] for path in paths]
    pids = {name: system.pid(name) for name in SERVICES}

    async with AsyncMongoClient[dict[str, object]](system.mongo) as client:
        for name in ("auth", "posts", "comments", "query"):
            await client.drop_database(f"inkstream_{name}")
    for name, pid in pids.items():
        await system.brought_back(name, pid)
    await system.ready()

    assert before == [(await author.ask("GET", path))[:2] for path in paths]
    verified = system.inkctl("verify")
    assert "equal: every view is what the log says" in verified.stdout


async def test_a_database_whose_disk_was_lost_is_built_anew_by_a_start(system: System, author: Person) -> None:
    post = await author.publish("It comes back too")
    paths = ["/", f"/@{author.handle}/{post['slug']}"]
    before = [(await author.ask("GET", path))[:2] for path in paths]

    system.down()
    shutil.rmtree(system.home / "mongod")
    system.up()

    assert before == [(await author.ask("GET", path))[:2] for path in paths]
    assert "equal: every view is what the log says" in system.inkctl("verify").stdout
    status, signed_in, _ = await author.ask("POST", "/api/auth/login", {"login": author.handle, "password": PASSWORD})
    assert 200 == status, signed_in
