"""How many revisions of posts a second over HTTP, against `handle()` without requests, in one run and in turns.

    python -m bench.http [--callers 1 16 64] [--seconds 3]

The first are asked of a posts_service of its own; the client's work is on the same machine, and counts against them. The second is what
the service does for a request, without the request, on an installation beside it. Each figure is the middle one of three turns.
"""

import argparse
import asyncio
import json
import os
import re
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
from eventlog.topics import ensure
from inkctl.ports import free_port
from posts_service import domain
from posts_service.app import create_app
from posts_service.settings import PostsSettings
from servicekit.engine import ENGINE
from servicekit.process import Runner

AUTHORS = 8
TURNS = 3
_LENGTH = re.compile(rb"(?i)content-length: (\d+)")
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


async def ask(session: aiohttp.ClientSession, url: str, body: Any, token: str = "") -> Any:
    """Send one request; its answer."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with session.post(url, json=body, headers=headers) as response:
        answer = await response.json()
        if not response.ok:
            raise RuntimeError(f"POST {url}: {answer}")
        return answer


async def prepared(session: aiohttp.ClientSession, auth: str, posts: str, number: int) -> list[Post]:
    """Sign some authors up, and let them write so many posts."""
    authors = []
    for _ in range(AUTHORS):
        name = f"b{secrets.token_hex(6)}"
        body = {"handle": name, "email": f"{name}@example.org", "password": secrets.token_hex(12)}
        authors.append(await ask(session, f"{auth}/api/auth/register", body))
    found = []
    for count in range(number):
        author = authors[count % AUTHORS]
        post = await ask(session, f"{posts}/api/posts", {"title": "A post", "body": BODY}, author["access_token"])
        found.append(Post(post["id"], author["user"]["id"], author["access_token"]))
    return found


class Connection:
    """One caller's connection: it does no more than it must, since its work counts against the service."""

    def __init__(self, url: str) -> None:
        self._host, _, self._port = url.removeprefix("http://").partition(":")
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def revise(self, post: Post, text: str, version: int) -> None:
        """Send PATCH, and read its answer to the end."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, int(self._port))
        reader, writer = self._streams
        content = json.dumps({"body": text}).encode()
        writer.write(
            f"PATCH /api/posts/{post.post_id} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\nContent-Type: application/json\r\n"
            f'Authorization: Bearer {post.token}\r\nIf-Match: "{version}"\r\nContent-Length: {len(content)}\r\n\r\n'.encode()
            + content
        )
        head = await reader.readuntil(b"\r\n\r\n")
        answer = await reader.readexactly(int(_LENGTH.findall(head)[0]))
        if not head.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"PATCH {post.post_id}: {answer.decode()}")

    async def close(self) -> None:
        """End the connection."""
        if self._streams is not None:
            self._streams[1].close()
            await self._streams[1].wait_closed()


async def written(environment: dict[str, str], number: int) -> list[Post]:
    """Let an installation have some posts, and stop it."""
    with serving("auth_service", environment) as auth, serving("posts_service", environment) as posts:
        async with aiohttp.ClientSession() as session:
            await asyncio.gather(ready(session, auth), ready(session, posts))
            return await prepared(session, auth, posts, number)


async def compare(asked: dict[str, str], direct: dict[str, str], callers: list[int], seconds: float) -> None:
    """Measure requests to one installation, and the same commands without requests on another, in turns."""
    behind, runner = (
        await written(direct, max(callers)),
        Runner(create_app(PostsSettings.from_environment({**direct, "INKSTREAM_PORT": "0"}))),
    )
    await runner.setup()
    try:
        with serving("auth_service", asked) as auth, serving("posts_service", asked) as posts:
            async with aiohttp.ClientSession() as session:
                await asyncio.gather(ready(session, auth), ready(session, posts))
                before = await prepared(session, auth, posts, max(callers))
                versions, connections = [1] * len(before), [Connection(posts) for _ in before]

                async def request(caller: int, count: int) -> None:
                    await connections[caller].revise(before[caller], f"{BODY}{count}", versions[caller])
                    versions[caller] += 1

                async def command(caller: int, count: int) -> None:
                    post, now = behind[caller], datetime.now(UTC)
                    revise = domain.RevisePost(by=UUID(post.author_id), changes={"body": f"{BODY}{count}"}, now=now)
                    call = Call(topic="posts", key=post.author_id, command_id=uuid4(), actor=post.author_id, now=now)
                    await runner.app[ENGINE].handler.handle(f"post:{post.post_id}", revise, domain.decide, call)

                for act in (request, command):
                    await measured(8, 2, act)  # warm
                for number in callers:
                    turns = [(await measured(number, seconds, request), await measured(number, seconds, command)) for _ in range(TURNS)]
                    over, without = (sorted(turn, key=lambda figures: figures.per_second)[TURNS // 2] for turn in zip(*turns, strict=True))
                    print(f"{number:3} callers   handle()  {without}")
                    print(f"              HTTP      {over}   {over.per_second / without.per_second:4.0%} of it")
                await asyncio.gather(*(connection.close() for connection in connections))
    finally:
        await runner.cleanup()


async def run(kafka: str, mongo: str, callers: list[int], seconds: float) -> None:
    """Make two installations and compare."""
    names = ("INKSTREAM_KEK", "INKSTREAM_CREDENTIALS_KEK", "INKSTREAM_LOOKUP_KEY")
    environment = {name: urlsafe_b64encode(os.urandom(32)).decode() for name in names}
    environment |= {"INKSTREAM_KAFKA": kafka, "INKSTREAM_MONGO": mongo, "INKSTREAM_PUBLIC_URL": "http://127.0.0.1"}
    direct = {**environment, "INKSTREAM_TOPIC_PREFIX": "direct.", "INKSTREAM_DATABASE_PREFIX": "direct_"}
    await ensure(kafka)
    await ensure(kafka, prefix="direct.")
    await compare(environment, direct, callers, seconds)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument("--seconds", type=float, default=3)
    options = parser.parse_args()
    with engines() as (kafka, mongo), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(kafka, mongo, options.callers, options.seconds))


if __name__ == "__main__":
    main()
