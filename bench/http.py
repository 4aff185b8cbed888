"""How many revisions of posts a second over HTTP, against `handle()` in the same process and bare appends, all in one run.

    python -m bench.http [--callers 1 16 64] [--seconds 5]

The first is asked of a posts_service of its own; the client's work is on the same machine, and counts against it. The second is what the
service does for a request, without the request. The last is aiokafka's `send_and_wait` of the record that both append.
"""

import argparse
import asyncio
import os
import secrets
import signal
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import uvloop

from bench.engines import engines, measured
from eventlog.deciding import Call
from eventlog.log import KafkaLog
from eventlog.partitioner import partition_of
from eventlog.record import Partition
from eventlog.topics import TOPICS, ensure
from inkctl.ports import free_port
from posts_service import domain
from posts_service.app import create_app
from posts_service.settings import PostsSettings
from servicekit.engine import ENGINE
from servicekit.process import Runner

AUTHORS = 8
BODY = "A paragraph of the length that paragraphs have, with *emphasis* and a [link](https://example.org) in it.\n\n" * 10


@dataclass(frozen=True)
class Post:
    """A post to revise, and who may."""

    post_id: str
    author_id: str
    token: str


@contextmanager
def serving(module: str, environment: dict[str, str]) -> Iterator[str]:
    """Run a service; where it answers."""
    port = free_port()
    command = [sys.executable, "-m", module]
    told = {**os.environ, **environment, "INKSTREAM_PORT": str(port), "INKSTREAM_LOG_LEVEL": "WARNING"}
    process = subprocess.Popen(command, env=told, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


async def ready(session: aiohttp.ClientSession, url: str) -> None:
    """Wait until a service is."""
    while True:
        try:
            async with session.get(f"{url}/readyz") as response:
                if response.ok:
                    return
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.2)


async def ask(session: aiohttp.ClientSession, method: str, url: str, body: Any, token: str = "", version: int = 0) -> Any:
    """Send one request; its answer."""
    headers = ({"Authorization": f"Bearer {token}"} if token else {}) | ({"If-Match": f'"{version}"'} if version else {})
    async with session.request(method, url, json=body, headers=headers) as response:
        answer = await response.json()
        if not response.ok:
            raise RuntimeError(f"{method} {url}: {answer}")
        return answer


async def prepared(session: aiohttp.ClientSession, auth: str, posts: str, number: int) -> list[Post]:
    """Sign some authors up, and let them write so many posts."""
    authors = []
    for _ in range(AUTHORS):
        name = f"b{secrets.token_hex(6)}"
        body = {"handle": name, "email": f"{name}@example.org", "password": secrets.token_hex(12)}
        authors.append(await ask(session, "POST", f"{auth}/api/auth/register", body))
    found = []
    for count in range(number):
        author = authors[count % AUTHORS]
        post = await ask(session, "POST", f"{posts}/api/posts", {"title": "A post", "body": BODY}, author["access_token"])
        found.append(Post(post["id"], author["user"]["id"], author["access_token"]))
    return found


async def over_http(environment: dict[str, str], callers: list[int], seconds: float) -> list[Post]:
    """Measure requests."""
    with serving("auth_service", environment) as auth, serving("posts_service", environment) as posts:
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
            await asyncio.gather(ready(session, auth), ready(session, posts))
            written = await prepared(session, auth, posts, max(callers))
            versions = [1] * len(written)

            async def revise(caller: int, count: int) -> None:
                post = written[caller]
                await ask(session, "PATCH", f"{posts}/api/posts/{post.post_id}", {"body": f"{BODY}{count}"}, post.token, versions[caller])
                versions[caller] += 1

            await measured(8, 2, revise)  # warm
            for number in callers:
                print(f"{number:3} callers   HTTP      {await measured(number, seconds, revise)}")
    return written


async def in_process(environment: dict[str, str], posts: list[Post], callers: list[int], seconds: float) -> None:
    """Measure the same commands without requests."""
    settings = PostsSettings.from_environment({**environment, "INKSTREAM_PORT": "0"})
    app = create_app(settings)
    runner = Runner(app)
    await runner.setup()
    try:
        engine = app[ENGINE]

        async def revise(caller: int, count: int) -> None:
            post, now = posts[caller], datetime.now(UTC)
            command = domain.RevisePost(by=UUID(post.author_id), changes={"body": f"{BODY}{count}"}, now=now)
            call = Call(topic="posts", key=post.author_id, command_id=uuid4(), actor=post.author_id, now=now)
            await engine.handler.handle(f"post:{post.post_id}", command, domain.decide, call)

        await measured(8, 2, revise)
        for number in callers:
            print(f"{number:3} callers   handle()  {await measured(number, seconds, revise)}")
    finally:
        await runner.cleanup()


async def bare(kafka: str, posts: list[Post], callers: list[int], seconds: float) -> None:
    """Measure appends of records as large as a revision's, to a topic that nobody follows."""
    log = KafkaLog(kafka)
    await log.start()
    value, headers = os.urandom(len(BODY) // 2), [("ce_expects", os.urandom(600))]  # what a revision has, sealed and with its headers

    async def append(caller: int, count: int) -> None:
        del count
        key = posts[caller].author_id.encode()
        await log.append(Partition("follows", partition_of(key, TOPICS["follows"].partitions)), key, value, headers)

    try:
        for number in callers:
            print(f"{number:3} callers   append    {await measured(number, seconds, append)}")
    finally:
        await log.stop()


async def run(kafka: str, mongo: str, callers: list[int], seconds: float) -> None:
    """Measure all three."""
    await ensure(kafka)
    names = ("INKSTREAM_KEK", "INKSTREAM_CREDENTIALS_KEK", "INKSTREAM_LOOKUP_KEY")
    environment = {name: urlsafe_b64encode(os.urandom(32)).decode() for name in names}
    environment |= {"INKSTREAM_KAFKA": kafka, "INKSTREAM_MONGO": mongo, "INKSTREAM_PUBLIC_URL": "http://127.0.0.1"}
    posts = await over_http(environment, callers, seconds)
    await in_process(environment, posts, callers, seconds)
    await bare(kafka, posts, callers, seconds)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    with engines() as (kafka, mongo), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(kafka, mongo, options.callers, options.seconds))


if __name__ == "__main__":
    main()
