"""Connections to MongoDB, with bounds: where it does not answer, a request is answered in seconds.

A paused server keeps its connections open, so that only time tells. Measured with mongod stopped by SIGSTOP: without a bound of its own a
read failed after 12 s (the socket's 10 s, then a retry), with one after exactly that. The bound is set for each reading request and not for
the client, since a client's `timeoutMS` also ends a change stream that has nothing to tell.
"""

import logging
from typing import Any

import pymongo
from aiohttp import web
from pymongo import AsyncMongoClient
from pymongo.errors import ConnectionFailure, PyMongoError

from servicekit.problems import Handler, Problem, problem_of
from servicekit.settings import Settings

_log = logging.getLogger(__name__)

SELECTION_MS = 2000
SOCKET_MS = 10_000  # a large batch on a busy machine takes seconds
READ_SECONDS = 3.0
_READING = {"GET", "HEAD"}


def connect(settings: Settings) -> AsyncMongoClient[dict[str, Any]]:
    """Make a client; it connects when it is first used."""
    return AsyncMongoClient(
        settings.mongo.get_secret_value(),
        uuidRepresentation="standard",
        tz_aware=True,
        serverSelectionTimeoutMS=SELECTION_MS,
        connectTimeoutMS=SELECTION_MS,
        socketTimeoutMS=SOCKET_MS,
        appname="inkstream",
    )


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Bound what a reading request waits for the database; commands have bounds of their own, which know what is under way."""
    if request.method not in _READING:
        return await handler(request)
    with pymongo.timeout(READ_SECONDS):
        return await handler(request)


@problem_of.register
def _(error: PyMongoError) -> Problem | None:
    """Tell a database that does not answer from one that refuses what we ask: the latter is a fault of ours."""
    if not (isinstance(error, ConnectionFailure) or error.timeout):
        return None
    _log.warning("MongoDB does not answer: %s", type(error).__name__)
    detail = "the database does not answer at present; nothing is lost, repeat the request shortly"
    return Problem(503, "unavailable", detail, headers={"Retry-After": "1", "Consistency": "behind"})
