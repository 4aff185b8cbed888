"""Whether the process lives, and whether it is ready for requests.

Alive means that the event loop answers. Ready means that every registered check is content: Kafka and MongoDB answer, the views have
caught up once. A check is an async function that returns None, or the reason why not.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web

_log = logging.getLogger(__name__)

Check = Callable[[], Awaitable[str | None]]
CHECK_SECONDS = 2.0


class Readiness:
    """The checks of one process, by name."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}
        self._notes: dict[str, Check] = {}
        self.stopping = False

    def add(self, name: str, check: Check) -> None:
        """Register a check."""
        self._checks[name] = check

    def note(self, name: str, check: Check) -> None:
        """Register a check whose reason is told and keeps nobody from sending requests: what is wrong is so for every replica."""
        self._notes[name] = check

    async def notes(self) -> dict[str, str]:
        """What else is to be told."""
        found = {name: await _ask(check) for name, check in self._notes.items()}
        return {name: note for name, note in found.items() if note}

    async def reasons(self) -> dict[str, str | None]:
        """Ask every check at once; one that does not answer in time is a reason of its own."""
        if self.stopping:
            return {"process": "it is stopping"}
        names = list(self._checks)
        return dict(zip(names, await asyncio.gather(*(_ask(self._checks[name]) for name in names)), strict=True))


READINESS: web.AppKey[Readiness] = web.AppKey("READINESS")


async def livez(request: web.Request) -> web.Response:
    """Answer GET /livez."""
    del request
    return web.Response(body=b'{"alive":true}', content_type="application/json")


async def readyz(request: web.Request) -> web.Response:
    """Answer GET /readyz: 200, or 503 with what is not as it should be; with either, what else an operator should know."""
    reasons = await request.app[READINESS].reasons()
    ready = not any(reasons.values())
    checks = {name: reason or "ok" for name, reason in reasons.items()}
    body = orjson.dumps({"ready": ready, "checks": checks, "notes": await request.app[READINESS].notes()})
    return web.Response(status=200 if ready else 503, body=body, content_type="application/json", headers={"Cache-Control": "no-store"})


async def _ask(check: Check) -> str | None:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except TimeoutError:
        return f"no answer in {CHECK_SECONDS:g} s"
    except Exception as error:  # noqa: BLE001 - whatever keeps a check from answering is its answer; the next probe asks again
        _log.warning("a readiness check failed", exc_info=error)
        return type(error).__name__
