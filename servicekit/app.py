"""The frame that every service hangs in: what is the same for all requests, and work beside them.

Conventions: a service's `create_app(settings)` calls `build_app`, puts what its handlers need under `web.AppKey`s and opens everything in
`cleanup_ctx`, which must not wait for a view to catch up: the port opens at once, and `/readyz` says how far things are.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiohttp import web

from eventlog.stopping import stop
from servicekit import consistency, health, mongo, openapi, problems, telemetry
from servicekit.problems import SERVER
from servicekit.requests import MAX_BODY
from servicekit.settings import Settings

_log = logging.getLogger(__name__)

SETTINGS: web.AppKey[Settings] = web.AppKey("SETTINGS", Settings)
CLOCK: web.AppKey[Callable[[], datetime]] = web.AppKey("CLOCK")

_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # For JSON: nothing of it is to be run or framed. A page sets its own.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


@dataclass(slots=True)
class Ending:
    """When this process is to end: asked to, or because work that it can not be without has failed."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    fault: str | None = None

    def fail(self, fault: str) -> None:
        """End the process as failed, so that whoever started it starts it anew."""
        self.fault = self.fault or fault
        self.asked.set()


ENDING: web.AppKey[Ending] = web.AppKey("ENDING", Ending)


def now() -> datetime:
    """Tell the time, in UTC and whole milliseconds: what the views keep, so that a moment reads the same wherever it is read."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def build_app(settings: Settings, *, name: str, prefix: str, routes: Iterable[web.AbstractRouteDef]) -> web.Application:
    """Make an application whose routes keep the HTTP conventions.

    It also answers `/livez`, `/readyz`, `/metrics` and `/api/<prefix>/openapi.json`.
    """
    defined = list(routes)
    app = web.Application(
        middlewares=[telemetry.middleware, problems.middleware, consistency.middleware, mongo.middleware], client_max_size=MAX_BODY
    )
    app[SETTINGS] = settings
    app[CLOCK] = now
    app[ENDING] = Ending()
    app[consistency.SECURE_COOKIES] = settings.secure
    app[telemetry.METRICS] = telemetry.Metrics()
    app[health.READINESS] = health.Readiness()
    document = openapi.serve(f"Inkstream {name}", (route for route in defined if isinstance(route, web.RouteDef)))
    app.add_routes(
        [
            web.get("/livez", health.livez),
            web.get("/readyz", health.readyz),
            web.get("/metrics", telemetry.metrics),
            web.get(f"/api/{prefix}/openapi.json", document),
            *defined,
        ]
    )
    app.on_response_prepare.append(telemetry.add_request_id)
    app.on_response_prepare.append(consistency.add_token)
    app.on_response_prepare.append(_add_security_headers)
    return app


def background(app: web.Application, name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run work beside the requests for as long as the app runs. The process is worth nothing without it: if it ends, the process does."""

    async def run() -> None:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - whatever ended the work ends the process
            _log.critical("%s failed", name, exc_info=error)
            app[ENDING].fail(f"{name}: {error}")
        else:
            app[ENDING].fail(f"{name} ended")

    async def context(app: web.Application) -> AsyncIterator[None]:
        del app
        task = asyncio.create_task(run(), name=name)
        yield
        await stop(task)

    app.cleanup_ctx.append(context)


async def _add_security_headers(request: web.Request, response: web.StreamResponse) -> None:
    del request
    for name, value in _SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = SERVER
