"""`python -m inkctl.door`: the front door as a process of its own, told by its environment what stands behind it."""

import asyncio
import json
import logging
import os
import signal
import sys
from pathlib import Path

from aiohttp import web

from inkctl.door.app import open_door
from inkctl.door.server import Server

LAST_REQUESTS_SECONDS = 5.0


async def live() -> None:
    """Be the door until SIGTERM or SIGINT."""
    ending = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ending.set)
    upstreams = json.loads(os.environ["INKSTREAM_UPSTREAMS"])
    lease_seconds = int(os.environ.get("INKSTREAM_LEASE_MS", "3000")) / 1000
    async with open_door(upstreams, Path(os.environ["INKSTREAM_ASSETS"]), lease_seconds) as door:
        runner = web.ServerRunner(Server(door), shutdown_timeout=LAST_REQUESTS_SECONDS)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", int(os.environ["INKSTREAM_PORT"])).start()
        await ending.wait()
        await runner.cleanup()


def main() -> None:
    """Run on uvloop where there is one."""
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    factory = None
    if sys.platform != "win32":
        import uvloop  # noqa: PLC0415 - it can not be imported on Windows

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(live())


if __name__ == "__main__":
    main()
