"""Connections to MongoDB, with bounds: where it does not answer, a request is answered 503 in seconds."""

from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from servicekit.problems import Problem, problem_of
from servicekit.settings import Settings

SELECTION_MS = 2000
SOCKET_MS = 10_000


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


@problem_of.register
def _(error: PyMongoError) -> Problem:
    del error
    return Problem(
        503,
        "unavailable",
        "the database does not answer at present; nothing is lost, repeat the request shortly",
        headers={"Retry-After": "1"},
    )
