"""Writing replies: representations, their version, and lists page by page."""

import base64
import binascii
from typing import Annotated, Generic, Self, TypeVar
from urllib.parse import urlencode

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eventlog.progress import Token
from servicekit.consistency import WRITTEN
from servicekit.problems import malformed
from servicekit.requests import Representation

T = TypeVar("T")


def reply(
    shown: BaseModel | None, status: int = 200, *, version: int | None = None, token: Token | None = None, cache: str = "no-store"
) -> web.Response:
    """Answer with a representation (None: no content).

    `version` becomes the ETag; `token` says where a write stands, and makes the next requests see it; what may be cached says so.
    """
    headers = {"Cache-Control": cache}
    if version is not None:
        headers["ETag"] = f'"{version}"'
    if shown is None:
        response = web.Response(status=204 if status == 200 else status, headers=headers)  # noqa: PLR2004 - the two by name would say less
    else:
        shown_json = shown.__pydantic_serializer__.to_json(shown)
        response = web.Response(status=status, body=shown_json, content_type="application/json", headers=headers)
    if token is not None:
        response[WRITTEN] = token
    return response


class Paging(BaseModel):
    """The query parameters of every list; a list with more of them extends it."""

    model_config = ConfigDict(frozen=True)

    limit: Annotated[int, Field(ge=1, le=100, description="how many entries at most")] = 20
    cursor: Annotated[str | None, Field(description="`next` of the page before")] = None


class After(BaseModel):
    """Where a page ends, so that the next one begins there; a list says in a subclass what it is ordered by."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    def cursor(self) -> str:
        """Write it as an opaque cursor."""
        return base64.urlsafe_b64encode(self.model_dump_json().encode()).decode().rstrip("=")

    @classmethod
    def of(cls, cursor: str | None) -> Self | None:
        """Read a cursor; None is the first page. Raises Rejected (400)."""
        if cursor is None:
            return None
        try:
            return cls.model_validate_json(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        except (binascii.Error, ValidationError, ValueError):
            raise malformed("the cursor is not one that this list gave") from None


class Page(Representation, Generic[T]):
    """One page of a list; `next` leads on, null ends it."""

    items: tuple[T, ...]
    next: str | None


def reply_page(request: web.Request, asked: Paging, page: Page[T], *, cache: str = "no-store") -> web.Response:
    """Answer with a page, and say in a Link header where the next one is."""
    response = reply(page, cache=cache)
    if page.next is not None:
        onward = asked.model_dump(mode="json", exclude_none=True) | {"cursor": page.next}
        response.headers["Link"] = f'<{request.rel_url.raw_path}?{urlencode(onward)}>; rel="next"'
    return response
