"""The whole system as `inkctl up` runs it, in a home folder of its own, and people who use it over HTTP."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import aiohttp
import pytest

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse battery"  # noqa: S105 - of people who do not exist
READY_SECONDS = 240.0
AGAIN = 0.1  # between looks at a condition that another process brings about


@dataclass
class System:
    """One running installation."""

    home: Path
    port: int

    @property
    def url(self) -> str:
        """Where the front door is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def mongo(self) -> str:
        """Where its MongoDB is."""
        port = json.loads((self.home / "ports.json").read_text())["mongod"]
        return f"mongodb://127.0.0.1:{port}/?directConnection=true"

    def inkctl(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command of the command line on this installation."""
        environment = {**os.environ, "INKSTREAM_HOME": str(self.home)}
        command = [sys.executable, "-m", "inkctl", *words]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=READY_SECONDS, check=False)  # noqa: S603 - no input from outside
        if check and done.returncode:
            raise AssertionError(f"inkctl {' '.join(words)} failed:\n{done.stdout}\n{done.stderr}")
        return done

    def up(self) -> None:
        """Start it, and return once everything is ready."""
        self.inkctl("up", "--detach", "--port", str(self.port), "--replicas", "posts_service=2")

    def down(self) -> None:
        """Stop it."""
        self.inkctl("down", check=False)

    def status(self) -> dict[str, dict[str, Any]]:
        """What runs, by name."""
        return {each["name"]: each for each in json.loads(self.inkctl("status", "--json").stdout)}

    def pid(self, name: str) -> int:
        """The process of that name."""
        return int(self.status()[name]["pid"])

    def signal(self, name: str, number: signal.Signals) -> int:
        """Signal a process; the process."""
        pid = self.pid(name)
        os.kill(pid, number)
        return pid

    async def brought_back(self, name: str, old: int) -> None:
        """Wait until a process is another one than `old`, and ready."""
        async with asyncio.timeout(90):
            while True:
                now = (await asyncio.to_thread(self.status))[name]
                if now["state"] == "ready" and now["pid"] != old:
                    return
                await asyncio.sleep(AGAIN)

    async def ready(self) -> None:
        """Wait until the door says that everything is."""
        async with asyncio.timeout(90), aiohttp.ClientSession() as session:
            while True:
                try:
                    async with session.get(f"{self.url}/readyz") as response:
                        if response.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(AGAIN)


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The system, with two replicas of posts_service, shared by the whole run."""
    running = System(tmp_path_factory.mktemp("home"), free_port())
    running.up()

    yield running

    running.down()


@dataclass
class Person:
    """Somebody with an account, and what they have seen."""

    system: System
    session: aiohttp.ClientSession
    handle: str
    user: dict[str, Any] = field(default_factory=dict)
    token: str = ""
    seen: str = ""

    @classmethod
    async def sign_up(cls, system: System, session: aiohttp.ClientSession, handle: str | None = None) -> Self:
        """Make an account."""
        handle = handle or f"p{uuid4().hex[:12]}"
        person = cls(system, session, handle)
        body = {"handle": handle, "email": f"{handle}@example.org", "password": PASSWORD}
        status, answer, _ = await person.ask("POST", "/api/auth/register", body)
        assert status == 201, answer
        person.user, person.token = answer["user"], answer["access_token"]
        return person

    async def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any, dict[str, str]]:
        """Send one request; status, JSON and headers of the answer."""
        sent = {"Consistency-Token": self.seen} if self.seen else {}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        async with self.session.request(method, self.system.url + path, json=body, headers=sent | (headers or {})) as response:
            text = await response.text()
            if response.headers.get("Consistency-Token"):
                self.seen = response.headers["Consistency-Token"]
            answer = json.loads(text) if "json" in response.content_type and text else text
            return response.status, answer, dict(response.headers)

    async def insist(self, method: str, path: str, body: Any) -> Any:
        """Send a write by one name until it is answered for good; the answer of a success."""
        headers = {"Idempotency-Key": str(uuid4())}
        async with asyncio.timeout(120):
            while True:
                try:
                    status, answer, _ = await self.ask(method, path, body, headers)
                except (aiohttp.ClientError, TimeoutError):
                    status, answer = 503, None
                if status < 300:
                    return answer
                assert status in {502, 503, 504}, answer
                await asyncio.sleep(AGAIN)

    async def publish(self, title: str, body: str = "Some words.") -> dict[str, Any]:
        """Write and publish a post."""
        draft = await self.insist("POST", "/api/posts", {"title": title, "body": body})
        published: dict[str, Any] = await self.insist("POST", f"/api/posts/{draft['id']}/publish", {})
        return published
