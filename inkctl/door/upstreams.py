"""The replicas behind the door: which of them answer, and whose turn it is."""

import asyncio
import logging
from collections.abc import Iterator

from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout

_log = logging.getLogger(__name__)

ASK_SECONDS = 1.0
ASK_AGAIN_SECONDS = 0.1  # while it is left out


class Upstream:
    """One replica of a service.

    `waiting` holds the time limits of the requests that it has in hand: when it falls silent, they end.
    """

    def __init__(self, service: str, base: str) -> None:
        self.service = service
        self.base = base
        self.up = True
        self.waiting: set[asyncio.Timeout] = set()

    def answered(self) -> None:
        """Note that it answers: it has requests again."""
        if not self.up:
            _log.warning("%s at %s answers again", self.service, self.base)
        self.up = True

    def left_out(self, why: str) -> None:
        """Note that it does not answer: it gets no request until it does, and those that it has are given up."""
        if self.up:
            _log.warning("%s at %s is left out: %s", self.service, self.base, why)
        self.up = False
        now = asyncio.get_running_loop().time()
        for waiting in self.waiting:
            waiting.reschedule(now)


class Pool:
    """The replicas of one service, in turn."""

    def __init__(self, service: str, upstreams: list[Upstream]) -> None:
        self.service = service
        self.upstreams = upstreams
        self._turn = 0

    def in_turn(self) -> Iterator[Upstream]:
        """Give each replica that answers once, beginning with the next one."""
        self._turn += 1
        for number in range(len(self.upstreams)):
            upstream = self.upstreams[(self._turn + number) % len(self.upstreams)]
            if upstream.up:
                yield upstream


async def watch(upstream: Upstream, session: ClientSession, lease_seconds: float, ask_seconds: float = ASK_SECONDS) -> None:
    """Ask for a sign of life every second, for ever; leave out what was silent for a lease."""
    loop = asyncio.get_running_loop()
    heard = loop.time()
    while True:
        patience = heard + lease_seconds - loop.time() if upstream.up else lease_seconds
        try:
            async with session.get(f"{upstream.base}/livez", timeout=ClientTimeout(total=max(patience, ASK_AGAIN_SECONDS))):
                heard = loop.time()
                upstream.answered()
        except ClientConnectorError:
            upstream.left_out("nobody listens there")
        except (ClientError, TimeoutError):
            if loop.time() - heard >= lease_seconds:
                upstream.left_out(f"it was silent for {lease_seconds:g} s")
        await asyncio.sleep(ask_seconds if upstream.up else ASK_AGAIN_SECONDS)
