"""The refresh cookie: for this service's own addresses alone, out of reach of scripts and of other sites."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from aiohttp import web

from auth_service.settings import SETTINGS
from auth_service.store import LIFETIME
from events.refusals import Forbidden

REFRESH = "inkstream_refresh"
SIGNED_IN = "inkstream_signed_in"  # for scripts: there is a session to renew. It holds no secret.
PATH = "/api/auth"


def keep(request: web.Request, response: web.Response, token: str) -> None:
    """Let the browser keep a refresh token."""
    secure, seconds = request.app[SETTINGS].secure, int(LIFETIME.total_seconds())
    response.set_cookie(REFRESH, token, max_age=seconds, path=PATH, secure=secure, httponly=True, samesite="Strict")
    response.set_cookie(SIGNED_IN, "1", max_age=seconds, path="/", secure=secure, samesite="Lax")


def drop(request: web.Request, response: web.Response) -> None:
    """Let the browser forget the refresh token."""
    secure = request.app[SETTINGS].secure
    response.del_cookie(REFRESH, path=PATH, secure=secure, httponly=True, samesite="Strict")
    response.del_cookie(SIGNED_IN, path="/", secure=secure, samesite="Lax")


def kept(request: web.Request) -> str | None:
    """The refresh token that the browser sends."""
    if not _own(request.headers, {_origin(request.app[SETTINGS].public_url), request.host}):
        raise Forbidden("this can be asked for from the site's own pages only")
    return request.cookies.get(REFRESH) or None


def _own(headers: Mapping[str, str], hosts: set[str]) -> bool:
    """Tell whether a page of another site made the browser send this. Programs that are no browsers say neither header."""
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("Origin")
    return origin is None or _origin(origin) in hosts


def _origin(url: str) -> str:
    """The host of a URL with its port; "" for what is none."""
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""
