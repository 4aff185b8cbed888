"""How long a reader waits for what was just written, without a rebuild, while one runs, and after it.

    python -m bench.rebuild [--posts 5000] [--authors 4]

Authors revise a post each and read it by the token of the answer, over HTTP, while `inkctl rebuild query_service` reads a log of four
events a post. The rebuild shares the machine, Kafka and MongoDB with the services, and nothing else.
"""

import argparse
import asyncio
import os
import secrets
import sys
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import aiohttp
import uvloop

from bench.engines import engines
from bench.http import ask, ready, serving
from bench.pages import BODY, write
from eventlog.facts import Facts
from eventlog.log import KafkaLog
from eventlog.topics import ensure
from servicekit.keys import DataKeys

WARM = 3.0  # seconds
STILL = 10.0  # seconds that are measured without a rebuild


@dataclass
class Delays:
    """How long reads waited, in seconds."""

    took: list[float] = field(default_factory=list)

    def at(self, share: float) -> float:
        """The delay that this share of the reads had at most."""
        return sorted(self.took)[int(share * (len(self.took) - 1))]

    def __str__(self) -> str:
        p50, p99, longest = (1000 * self.at(share) for share in (0.5, 0.99, 1))
        return f"{len(self.took):6,} reads   p50 {p50:6.1f} ms   p99 {p99:6.1f} ms   longest {longest:6.1f} ms"

    def beside(self, still: "Delays") -> str:
        """How much longer than without."""
        return f"p50 {self.at(0.5) / still.at(0.5):.1f} times as long, p99 {1000 * (self.at(0.99) - still.at(0.99)):+.0f} ms"


class Author:
    """Somebody who revises a post of theirs, and looks at it each time."""

    def __init__(self, session: aiohttp.ClientSession, posts: str, query: str) -> None:
        self._session = session
        self._posts = posts
        self._query = query
        self._bearer = ""
        self._handle = f"b{secrets.token_hex(6)}"
        self._post: Any = None

    async def begin(self, auth: str) -> None:
        """Sign up, and publish a post."""
        body = {"handle": self._handle, "email": f"{self._handle}@example.org", "password": secrets.token_hex(12)}
        self._bearer = (await ask(self._session, f"{auth}/api/auth/register", body))["access_token"]
        draft = await ask(self._session, f"{self._posts}/api/posts", {"title": "A post", "body": BODY}, self._bearer)
        self._post = await ask(self._session, f"{self._posts}/api/posts/{draft['id']}/publish", {}, self._bearer)

    async def revise_and_read(self) -> float:
        """Revise the post and read it; how long the read took, in seconds. Raises RuntimeError where it is not as it was written."""
        url, text = f"{self._posts}/api/posts/{self._post['id']}", f"{BODY}{uuid4()}"
        headers = {"Authorization": f"Bearer {self._bearer}", "If-Match": f'"{self._post["version"]}"'}
        async with self._session.patch(url, json={"body": text}, headers=headers) as written:
            self._post, token = await written.json(), written.headers["Consistency-Token"]
        begun = time.perf_counter()
        url = f"{self._query}/api/query/posts/{self._handle}/{self._post['slug']}"
        async with self._session.get(url, headers={"Consistency-Token": token}) as shown:
            article = await shown.json()
        if article.get("body") != text:
            raise RuntimeError(f"what was read is not what was written: {shown.status}, {shown.headers}")
        return time.perf_counter() - begun


async def delays(authors: list[Author], end: "asyncio.Future[Any]") -> Delays:
    """Measure until something is done."""
    found = Delays()

    async def go_on(author: Author) -> None:
        while not end.done():
            found.took.append(await author.revise_and_read())

    await asyncio.gather(*(go_on(author) for author in authors))
    return found


async def rebuild(environment: dict[str, str]) -> float:
    """Rebuild as an operator does; how many seconds it took."""
    begun = time.perf_counter()
    told = {**os.environ, **environment}
    command = [sys.executable, "-m", "inkctl", "rebuild", "query_service"]
    process = await asyncio.create_subprocess_exec(*command, env=told, stdout=asyncio.subprocess.DEVNULL)
    if await process.wait():
        raise RuntimeError("the rebuild failed")
    return time.perf_counter() - begun


async def measure(authors: list[Author], environment: dict[str, str], events: int) -> None:
    """Measure without a rebuild, beside one, and after it."""
    await delays(authors, asyncio.ensure_future(asyncio.sleep(WARM)))
    still = await delays(authors, asyncio.ensure_future(asyncio.sleep(STILL)))
    print(f"without a rebuild   {still}", flush=True)
    rebuilding = asyncio.ensure_future(rebuild(environment))
    beside = await delays(authors, rebuilding)
    print(f"beside one          {beside}   {beside.beside(still)}   {events:,} events in {rebuilding.result():.0f} s", flush=True)
    after = await delays(authors, asyncio.ensure_future(asyncio.sleep(STILL)))
    print(f"after it            {after}   {after.beside(still)}", flush=True)


async def run(kafka: str, mongo: str, posts: int, authors: int) -> None:
    """Fill a log, let services read it, and measure."""
    names = ("INKSTREAM_KEK", "INKSTREAM_CREDENTIALS_KEK", "INKSTREAM_LOOKUP_KEY")
    environment = {name: urlsafe_b64encode(os.urandom(32)).decode() for name in names}
    environment |= {"INKSTREAM_KAFKA": kafka, "INKSTREAM_MONGO": mongo, "INKSTREAM_PUBLIC_URL": "http://127.0.0.1"}
    await ensure(kafka)
    log = KafkaLog(kafka)
    await log.start()
    try:
        kek = urlsafe_b64decode(environment["INKSTREAM_KEK"])
        keys = DataKeys(log, ["post-keys"], keks=[kek], own="post-keys", clock=lambda: datetime.now(UTC))
        kid, facts = await keys.make("bench", uuid4()), Facts(keys)
        for begin in range(0, posts, 500):
            await asyncio.gather(*(write(log, facts, number, kid) for number in range(begin, min(begin + 500, posts))))
    finally:
        await log.stop()
    with ExitStack() as stack:
        auth, ours, query = (stack.enter_context(serving(f"{name}_service", environment)) for name in ("auth", "posts", "query"))
        async with aiohttp.ClientSession() as session:
            await asyncio.gather(*(ready(session, url) for url in (auth, ours, query)))
            people = [Author(session, ours, query) for _ in range(authors)]
            await asyncio.gather(*(person.begin(auth) for person in people))
            await measure(people, environment, 4 * posts)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=5_000)
    parser.add_argument("--authors", type=int, default=4)
    options = parser.parse_args()
    with engines() as (kafka, mongo), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(kafka, mongo, options.posts, options.authors))


if __name__ == "__main__":
    main()
