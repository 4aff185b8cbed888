"""What a route promises: one declaration that is both enforced and documented.

`@operation(...)` stands under the route's own decorator. Before the handler runs it checks who asks, that a required `If-Match` is there
and that an `Idempotency-Key` is well-formed; `openapi` makes the document from the same declaration, so the two can not differ.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from aiohttp import web
from pydantic import BaseModel

from servicekit import identity
from servicekit.problems import Handler
from servicekit.requests import idempotency_key, required_if_match


class Auth(StrEnum):
    """Whether a route wants to know who asks."""

    NONE = "none"  # an access token that comes along is not looked at
    OPTIONAL = "optional"  # a bad token is refused all the same, so that the client renews it
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Operation:
    """The declaration of one route; a status with None answers without content."""

    returns: Mapping[int, type[BaseModel] | None]
    summary: str
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    auth: Auth = Auth.REQUIRED
    idempotent: bool = False  # takes an Idempotency-Key
    if_match: bool = False  # requires If-Match
    versioned: bool = False  # answers with an ETag
    errors: Sequence[int] = field(default=())  # beside those that follow from the rest


OPERATION = "operation"


def operation(
    *,
    returns: Mapping[int, type[BaseModel] | None],
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    auth: Auth = Auth.REQUIRED,
    idempotent: bool = False,
    if_match: bool = False,
    versioned: bool = False,
    errors: Sequence[int] = (),
) -> Callable[[Handler], Handler]:
    """Declare a route; its handler's docstring becomes the summary."""

    def declare(handler: Handler) -> Handler:
        summary = (handler.__doc__ or "").strip().partition("\n")[0].rstrip(".")
        declared = Operation(returns, summary, body, query, auth, idempotent, if_match, versioned, errors)

        @functools.wraps(handler)
        async def checked(request: web.Request) -> web.StreamResponse:
            if auth is not Auth.NONE:
                identity.authenticate(request, required=auth is Auth.REQUIRED)
            if if_match:
                required_if_match(request)
            if idempotent:
                idempotency_key(request)
            return await handler(request)

        setattr(checked, OPERATION, declared)
        return checked

    return declare
