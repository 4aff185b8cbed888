"""The door's connections: bounded, and with a problem of ours for what is no HTTP."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong
from aiohttp.web_protocol import RequestPayloadError

from inkctl.door.problems import problem

LONGEST_LINE = 8190

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class _Connection(web.RequestHandler):
    """One client's connection."""

    __slots__ = ()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """Answer what can not be read as HTTP, or what failed in the door itself, without repeating anything of it."""
        del message
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun; another can not follow on this connection")
        if isinstance(exc, LineTooLong):
            response = problem(431, "too-large", "the request line or a header is longer than 8 KiB", "/", "")
        elif status == HTTPStatus.BAD_REQUEST or isinstance(exc, RequestPayloadError):
            response = problem(400, "malformed", "the request can not be read", "/", "")
        else:
            self.log_exception("the door failed", exc_info=exc)
            response = problem(500, "internal", "something went wrong here", "/", "")
        response.force_close()
        return response


class Server(web.Server):
    """Makes our kind of connections; a client that leaves ends the request to the service too."""

    def __init__(self, handler: Handler) -> None:
        super().__init__(
            handler,
            handler_cancellation=True,
            access_log=None,
            auto_decompress=False,
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
        )

    def __call__(self) -> web.RequestHandler:
        """Make one for a client that has just come."""
        return _Connection(self, loop=asyncio.get_running_loop(), **self._kwargs)
