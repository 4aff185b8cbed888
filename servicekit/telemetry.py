"""What a process tells about itself: JSON log lines, request and trace ids, and figures for Prometheus.

Nothing personal is told: no bodies, no query strings, no addresses, and of a path only the route's template.
"""

import asyncio
import json
import logging
import re
import secrets
import sys
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import hdrs, web
from prometheus_client import CollectorRegistry, Gauge, GCCollector, Histogram, PlatformCollector, ProcessCollector, generate_latest

_log = logging.getLogger(__name__)

_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
CHATTY = ("aiokafka", "pymongo", "asyncio", "aiohttp")
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Trace:
    """The request that is being answered, and the W3C trace that it belongs to."""

    request_id: str
    trace_id: str
    span_id: str
    flags: str = "00"

    @property
    def traceparent(self) -> str:
        """Say who asks, to what is called or written next."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"

    @classmethod
    def received(cls, request_id: str = "", traceparent: str = "") -> "Trace":
        """Go on with what the caller began; what is malformed is replaced, never repeated."""
        known = _TRACEPARENT.fullmatch(traceparent)
        return cls(
            request_id=request_id if _REQUEST_ID.fullmatch(request_id) else secrets.token_hex(16),
            trace_id=known[1] if known else secrets.token_hex(16),
            span_id=secrets.token_hex(8),
            flags=known[3] if known else "00",
        )


_TRACE: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current() -> Trace:
    """Return the trace of this task; work that nobody asked for begins one of its own."""
    trace = _TRACE.get()
    if trace is None:
        trace = Trace.received()
        _TRACE.set(trace)
    return trace


class Metrics:
    """The figures of one process. Others add theirs with `prometheus_client` on `registry`, or with `gauge`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.requests = Histogram(
            "inkstream_http_request_seconds",
            "Time to answer a request",
            ("route", "method", "status"),
            registry=self.registry,
            buckets=_BUCKETS,
        )
        self.commands = Histogram(
            "inkstream_command_seconds",
            "Time from a command to its verdict",
            ("outcome",),
            registry=self.registry,
            buckets=_BUCKETS,
        )

    def gauge(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Show a figure that is read whenever it is asked for."""
        Gauge(name, meaning, registry=self.registry).set_function(read)


METRICS: web.AppKey[Metrics] = web.AppKey("METRICS")


async def metrics(request: web.Request) -> web.Response:
    """Answer GET /metrics."""
    return web.Response(
        body=generate_latest(request.app[METRICS].registry), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
    )


@web.middleware
async def middleware(request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
    """Give the request its ids, and count it."""
    trace = Trace.received(request.headers.get("X-Request-Id", ""), request.headers.get("traceparent", ""))
    _TRACE.set(trace)
    began = time.perf_counter()
    status = 499
    try:
        response = await handler(request)
    except web.HTTPException as redirect:
        status = redirect.status
        raise
    except asyncio.CancelledError:
        _log.info("the request was cancelled")
        raise
    else:
        status = response.status
        return response
    finally:
        seconds = time.perf_counter() - began
        route, method = route_of(request), request.method if request.method in hdrs.METH_ALL else "other"
        request.app[METRICS].requests.labels(route, method, str(status)).observe(seconds)
        _log.debug("answered", extra={"route": route, "method": method, "status": status, "seconds": round(seconds, 6)})


def route_of(request: web.Request) -> str:
    """Name the route by its template: a path may hold what a person typed."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unmatched"


async def add_request_id(request: web.Request, response: web.StreamResponse) -> None:
    """Say in every response under which id the logs know it."""
    del request
    response.headers.setdefault("X-Request-Id", current().request_id)


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self.service = service
        self._usual = set(vars(logging.makeLogRecord({}))) | {"message", "asctime"}

    def format(self, record: logging.LogRecord) -> str:
        """Write the record, with what its call passed as `extra`."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "service": self.service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (trace := _TRACE.get()) is not None:
            line |= {"request_id": trace.request_id, "trace_id": trace.trace_id}
        line |= {name: value for name, value in vars(record).items() if name not in self._usual}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class Once(logging.Filter):
    """Lets a library say the same thing once in ten seconds: a client that does not reach its server says so many times a second."""

    SECONDS = 10.0
    REMEMBERED = 200

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is let through."""
        text = record.getMessage()
        now = time.monotonic()
        if now - self._said.get(text, -self.SECONDS) < self.SECONDS:
            return False
        if len(self._said) >= self.REMEMBERED:
            self._said.clear()
        self._said[text] = now
        return True


def log_to_stdout(service: str, level: str) -> None:
    """Send every log line of the process to standard output, and those of chatty libraries only from WARNING on."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines(service))
    once = Once()
    handler.addFilter(lambda record: not record.name.startswith(CHATTY) or once.filter(record))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLogger().level))
