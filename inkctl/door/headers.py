"""Which headers go through the door, and which end there."""

import random
import re

from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy

# RFC 9110, 7.6.1: these concern one connection, not the message.
HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
# What only a proxy may say, and this one is the first: what comes with a request was made up by the client.
FORWARDED = frozenset({"forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto", "x-real-ip"})
NOT_TO_SERVICE = HOP_BY_HOP | FORWARDED | {"expect"}
NOT_TO_CLIENT = HOP_BY_HOP | {"server"}
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def to_service(request: web.BaseRequest, request_id: str) -> CIMultiDict[str]:
    """Make the headers of the request that the service gets."""
    headers = _without(request.headers, NOT_TO_SERVICE)
    headers["X-Request-Id"] = request_id
    headers["X-Forwarded-For"] = request.remote or ""
    headers["X-Forwarded-Proto"] = "http"
    return headers


def to_client(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """Make the headers of the response that the client gets."""
    kept = _without(headers, NOT_TO_CLIENT)
    kept["Server"] = "inkstream"
    return kept


def request_id_of(request: web.BaseRequest) -> str:
    """Read the id under which all logs know a request; make one where the client gave none that is usable."""
    given = request.headers.get("X-Request-Id", "")
    return given if REQUEST_ID.fullmatch(given) else f"{random.getrandbits(128):032x}"


def _without(headers: CIMultiDictProxy[str], names: frozenset[str]) -> CIMultiDict[str]:
    if connection := headers.get("Connection"):
        names = names | {name.strip().lower() for name in connection.split(",")}
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in names)
