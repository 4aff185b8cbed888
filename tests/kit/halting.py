"""posts_service as a process of its own that halts (as SIGSTOP does it) where a test wants it to: at once, with all that is under way.

    python -m tests.kit.halting

`HALT` says where: `before-append`, `after-append`, `inside-transaction`. It takes effect once the process was sent SIGUSR1; with
`HALT_APPENDS` set it waits before, or after, so many appends of facts, and halts when all of them have come so far.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from eventlog.log import KafkaLog
from eventlog.mongoledger import MongoLedger
from eventlog.record import Partition
from eventlog.topics import TOPICS
from inkctl.parts.spawn import tie_to_parent
from inkctl.ports import free_port
from posts_service.app import create_app
from posts_service.settings import PostsSettings
from servicekit.process import run
from tests.kit.installation import Installation

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


@dataclass
class Halting:
    """The process, and a client for it."""

    process: "subprocess.Popen[bytes]"
    client: aiohttp.ClientSession

    def arm(self) -> None:
        """Let it halt from now on."""
        self.process.send_signal(signal.SIGUSR1)

    async def halted(self) -> None:
        """Wait until it has halted."""
        async with asyncio.timeout(START_SECONDS):
            while not _is_stopped(self.process.pid):  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.005)

    def go_on(self) -> None:
        """Let it go on where it halted."""
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill it."""
        self.process.kill()
        self.process.wait()


@asynccontextmanager
async def halting(site: Installation, output: Path, *, where: str, appends: int = 1, lease_ms: int = 1000) -> AsyncIterator[Halting]:
    """Run the process, called `halting` among its replicas; gives it once it is ready."""
    port = free_port()
    told = {**site.settings, "port": port, "replica": "halting", "lease_ms": lease_ms}
    environment = {f"INKSTREAM_{name.upper()}": str(value) for name, value in told.items()}
    with output.open("wb") as log:
        process = subprocess.Popen(  # noqa: ASYNC220 - it does not wait
            [sys.executable, "-m", "tests.kit.halting"],
            cwd=ROOT,
            env={**os.environ, **environment, "HALT": where, "HALT_APPENDS": str(appends)},
            stdout=log,
            stderr=log,
            preexec_fn=tie_to_parent(),  # noqa: PLW1509 - the child calls one function of libc, prepared before
        )
    try:
        timeout = aiohttp.ClientTimeout(total=120)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", cookie_jar=aiohttp.DummyCookieJar(), timeout=timeout) as client:
            await _ready(client, process, output)
            yield Halting(process, client)
    finally:
        process.kill()
        process.wait()


def _is_stopped(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG) is not None


async def _ready(client: aiohttp.ClientSession, process: "subprocess.Popen[bytes]", output: Path) -> None:
    async with asyncio.timeout(START_SECONDS):
        while True:
            assert process.poll() is None, f"it ended: see {output}"
            try:
                async with client.get("/readyz") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)


class Halt:
    """Halts this process, once, when so many have come to where it is asked."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._armed = False
        self._here = 0
        self._all = asyncio.Event()
        signal.signal(signal.SIGUSR1, lambda *_: setattr(self, "_armed", True))

    async def here(self) -> None:
        """Wait for the others and halt with them."""
        if not self._armed or self._all.is_set():
            return
        self._here += 1
        if self._here == self._wanted:
            self._all.set()
            os.kill(os.getpid(), signal.SIGSTOP)
        await self._all.wait()


def _halt(where: str, wanted: int) -> None:
    """Put the halt into the engine."""
    halt = Halt(wanted)
    append, write = KafkaLog.append, MongoLedger.write

    async def halting_append(log: KafkaLog, place: Partition, *record: Any) -> int:
        of_facts = not TOPICS[place.topic].compacted
        if where == "before-append" and of_facts:
            await halt.here()
        offset = await append(log, place, *record)
        if where == "after-append" and of_facts:
            await halt.here()
        return offset

    async def halting_write(ledger: MongoLedger, *batch: Any) -> None:
        await write(ledger, *batch)
        if where == "inside-transaction":
            await halt.here()

    KafkaLog.append = halting_append  # type: ignore[method-assign,assignment]  # this process is here to be halted
    MongoLedger.write = halting_write  # type: ignore[method-assign,assignment]  # the same


if __name__ == "__main__":
    _halt(os.environ["HALT"], int(os.environ["HALT_APPENDS"]))
    run(create_app, PostsSettings, name="posts_service")
