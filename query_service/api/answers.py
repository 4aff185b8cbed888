"""What all answers of this service have: they may be kept, asked about again, and are named by a hash of their content."""

import hashlib
from typing import Final

from aiohttp import web
from pydantic import BaseModel

from query_service.api.reading import Reading

READING: web.AppKey[Reading] = web.AppKey("READING", Reading)

# Whoever keeps an answer asks each time whether it still stands: no answer is ever older than the reader's own writes.
CACHE: Final = "no-cache"
_HASH_LENGTH: Final = 32
# Browsers put what a 304 says in the place of what they kept: a page without its own policy would next time be one that may run nothing.
_KEPT: Final = ("ETag", "Cache-Control", "Link", "Content-Security-Policy")


def as_json(shown: BaseModel) -> bytes:
    """What the API replies with."""
    return shown.model_dump_json().encode()


def tagged(request: web.Request, response: web.Response) -> web.Response:
    """Name the answer by its content, so that the name survives writes that do not change it; who has it already gets 304."""
    content = response.body
    if not isinstance(content, bytes):
        raise TypeError("only an answer that stands complete has a tag")
    tag = hashlib.sha256(content).hexdigest()[:_HASH_LENGTH]
    response.etag = tag
    if any(known.value in (tag, "*") for known in request.if_none_match or ()):
        kept = {name: response.headers[name] for name in _KEPT if name in response.headers}
        return web.Response(status=304, headers=kept)
    return response
