"""Every answer that is not a success, as RFC 9457 says: one shape, made in one place.

`problem_of` tells what an exception means to a client. It is a single-dispatch function, so a module that brings exceptions of its own
registers their meaning beside them. What nobody registered is a fault of ours: 500, logged once, its detail hidden.
"""

import http
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import singledispatch
from urllib.parse import quote

import orjson
from aiohttp import web
from aiohttp.web_protocol import RequestPayloadError

from events import refusals
from servicekit import telemetry

_log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SERVER = "inkstream"  # aiohttp would name itself and Python, with their versions
CLIENT_LEFT = 499  # as nginx counts it; nobody reads the answer


@dataclass(frozen=True, slots=True)
class Problem:
    """What a client is told: `code` names the kind (`/problems/<code>`), `detail` this case, `extra` are further members."""

    status: int
    code: str
    detail: str
    extra: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Say the kind in words."""
        return self.code.replace("-", " ").capitalize()


class Rejected(Exception):
    """A request that HTTP itself lets us turn down: its form, size, type, headers or rate. Rules of the blog raise `Refused`."""

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, **extra: object) -> None:
        super().__init__(detail)
        self.problem = Problem(status, code, detail, extra, headers or {})


def malformed(detail: str) -> Rejected:
    """Make the answer to what can not be read: 400."""
    return Rejected(400, "malformed", detail)


_STATUS: Mapping[type[refusals.Refused], int] = {
    refusals.Unauthenticated: 401,
    refusals.Forbidden: 403,
    refusals.NotFound: 404,
    refusals.Conflict: 409,
    refusals.Gone: 410,
    refusals.Stale: 412,
    refusals.Invalid: 422,
}

# What aiohttp itself finds wrong, before or beside our handlers. Its own texts may repeat what was sent or name internals.
_BY_STATUS: Mapping[int, tuple[str, str]] = {
    400: ("malformed", "the request can not be read"),
    404: ("not-found", "there is nothing at this address"),
    405: ("method-not-allowed", "this address does not know the method; the Allow header lists those that it knows"),
    413: ("too-large", "the request is larger than 1 MiB"),
    415: ("unsupported-media-type", "the body must be application/json"),
    417: ("malformed", "the only expectation that can be met is 100-continue"),
    431: ("too-large", "the request line or a header is longer than 8 KiB"),
}
_OTHERWISE = ("malformed", "the request can not be answered as it was made")


@singledispatch
def problem_of(exception: BaseException) -> Problem | None:
    """Tell what an exception means to the client; None: a fault of ours."""
    del exception
    return None


@problem_of.register
def _(refused: refusals.Refused) -> Problem:
    status = next(status for kind in type(refused).__mro__ if (status := _STATUS.get(kind)))
    extra: dict[str, object] = {}
    headers: dict[str, str] = {}
    if isinstance(refused, refusals.Invalid) and refused.errors:
        extra["errors"] = [{"pointer": pointer, "detail": detail} for pointer, detail in refused.errors]
    if isinstance(refused, refusals.Stale):
        extra["current_version"] = refused.current_version
        headers["ETag"] = f'"{refused.current_version}"'
    if isinstance(refused, refusals.Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return Problem(status, refused.code, refused.detail, extra, headers)


@problem_of.register
def _(rejected: Rejected) -> Problem:
    return rejected.problem


@problem_of.register
def _(exception: web.HTTPException) -> Problem:
    return problem_of_status(exception.status, {name: value for name, value in exception.headers.items() if name == "Allow"})


@problem_of.register
def _(error: RequestPayloadError) -> Problem:
    del error
    return problem_of_status(400)


def problem_of_status(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """Say in our words what aiohttp answers by itself."""
    return Problem(status, *_BY_STATUS.get(status, _OTHERWISE), headers=headers or {})


def respond(problem: Problem, instance: str) -> web.Response:
    """Make the response; `instance` is the path that was asked for."""
    headers = {"Cache-Control": "no-store", "Server": SERVER, **problem.headers}
    members = {
        "type": f"/problems/{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": instance,
        "request_id": telemetry.current().request_id,
        **problem.extra,
    }
    return web.Response(status=problem.status, body=orjson.dumps(members), headers=headers, content_type="application/problem+json")


def instance_of(request: web.BaseRequest) -> str:
    """Give the path as it was asked for, in ASCII, whatever bytes it was sent with."""
    return quote(request.path_qs.partition("?")[0], safe="/%:@!$&'()*+,;=~", errors="surrogateescape")[:2000]


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever a handler raises into a problem."""
    try:
        return await handler(request)
    except Exception as exception:  # noqa: BLE001 - this is the one place where every exception ends
        return answer(request, exception)


def answer(request: web.BaseRequest, exception: Exception) -> web.StreamResponse:
    """Answer an exception. A redirect passes; a client that left is no fault; what is not known is logged here, and only here."""
    if isinstance(exception, web.HTTPException) and exception.status < http.HTTPStatus.BAD_REQUEST:
        raise exception
    if isinstance(exception, ConnectionError) and (request.transport is None or request.transport.is_closing()):
        return web.Response(status=CLIENT_LEFT)
    problem = problem_of(exception)
    if problem is None and isinstance(exception, TimeoutError):
        _log.warning("gave up waiting", exc_info=exception)
        problem = Problem(503, "unavailable", "what this answer needs did not answer in time", headers={"Retry-After": "1"})
    if problem is None:
        _log.error("fault while answering a request", exc_info=exception)
        problem = Problem(500, "internal", "the fault is ours; it is recorded under the request_id")
    return respond(problem, instance_of(request))
