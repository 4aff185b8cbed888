"""Read your writes: how far a request's answer must have come, and how far it has.

A client carries what it has seen as a token, in the header `Consistency-Token` or, for page navigations, in a cookie that writes set; both
count where both come. A read waits until its view has passed the token, and says `Consistency: behind` where it did not in time.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Protocol
from urllib.parse import quote, unquote

from aiohttp import web

from eventlog.progress import Token
from eventlog.record import Partition
from servicekit.problems import Handler, malformed

HEADER = "Consistency-Token"
COOKIE = "inkstream_token"
_COOKIE_SECONDS = 60
_PATIENCE = 2.0
_MOST_ENTRIES = 64  # there are 49 partitions of fact topics
_ENTRY = re.compile(r"[a-z-]{1,32}/[0-9]{1,6}:[0-9]{1,18}", re.ASCII)


class Progress(Protocol):
    """How far the views that this process serves have come."""

    def token(self) -> Token:
        """Tell where the views stand."""

    def answered(self) -> Token:
        """Tell where the views stand once they have passed all that this process has answered."""

    async def passed(self, token: Mapping[Partition, int], timeout: float) -> bool:  # noqa: ASYNC109 - as eventlog has it
        """Wait until the views have passed a token; False if they have not in time."""


PROGRESS: web.AppKey[Progress] = web.AppKey("PROGRESS")
SECURE_COOKIES: web.AppKey[bool] = web.AppKey("SECURE_COOKIES", bool)

ASKED: web.RequestKey[Token] = web.RequestKey("ASKED", Token)
_OBSERVED: web.RequestKey[Token] = web.RequestKey("OBSERVED", Token)
_BEHIND: web.RequestKey[bool] = web.RequestKey("BEHIND", bool)
WRITTEN: web.ResponseKey[Token] = web.ResponseKey("WRITTEN", Token)


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Set `request[ASKED]` from header and cookie. A wrong header is refused (400), a wrong cookie is as none."""
    try:
        asked = _parse(",".join(request.headers.getall(HEADER, [])))
    except ValueError:
        raise malformed(f"{HEADER} must be as a response gave it: at most {_MOST_ENTRIES} of topic/partition:offset, with commas") from None
    if "Cookie" in request.headers:  # to look into none costs as much as to read one
        with suppress(ValueError):
            asked = _bounded(asked.merge(_parse(unquote(request.cookies.get(COOKIE, "")))))
    request[ASKED] = asked
    return await handler(request)


async def observe(request: web.Request) -> Token:
    """Wait until the views have passed what the request must see, 2 seconds at most; the response says how that went.

    What this process itself has answered is waited for without a token too: it may be a few milliseconds before its views.
    Returns the position of the answer: at least this much is in it, unless it is behind.
    """
    wanted = request[ASKED]
    progress = request.app[PROGRESS]
    passed = await progress.passed(wanted.merge(progress.answered()), _PATIENCE)
    request[_BEHIND] = not passed and not await progress.passed(wanted, 0)
    request[_OBSERVED] = seen = wanted.merge(progress.token())
    return seen


async def add_token(request: web.Request, response: web.StreamResponse) -> None:
    """Say in the response how far it is: after a write for the next pages too."""
    written = response.get(WRITTEN)
    if written is not None:
        token = str(request[ASKED].merge(written))
        response.headers[HEADER] = token
        secure = "; Secure" if request.app[SECURE_COOKIES] else ""
        # As a header, since aiohttp has written the response's cookies by now. No script needs it: the app keeps the header's value.
        kept = f"{COOKIE}={quote(token, safe='/:')}; Max-Age={_COOKIE_SECONDS}; Path=/; SameSite=Lax; HttpOnly{secure}"
        response.headers.add("Set-Cookie", kept)
    elif (seen := request.get(_OBSERVED)) is not None:
        response.headers[HEADER] = str(seen)
        if request[_BEHIND]:
            response.headers["Consistency"] = "behind"


def _parse(text: str) -> Token:
    """Read a token. Its topics come back in a header, so that here they are names and nothing else."""
    if not text:
        return Token()
    entries = [entry.strip() for entry in text.split(",") if entry.strip()]
    if not all(map(_ENTRY.fullmatch, entries)):
        raise ValueError("an entry is no position")
    return _bounded(Token.parse(",".join(entries)))


def _bounded(token: Token) -> Token:
    if len(token) > _MOST_ENTRIES:
        raise ValueError("too many entries")
    return token
