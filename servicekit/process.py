"""How a service lives as a process: it listens, ends in order when asked to, and fails loudly when a part of it fails.

aiohttp answers what is not HTTP at all, and what goes wrong before its middlewares run, in plain text and with details of its parser; here
these answers are problems like all others.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from eventlog.faults import WrongLog
from servicekit import problems, telemetry
from servicekit.app import ENDING
from servicekit.environment import SettingsError
from servicekit.health import READINESS
from servicekit.keys import WrongKek
from servicekit.settings import Settings

_log = logging.getLogger(__name__)

S = TypeVar("S", bound=Settings)

_LONGEST_LINE = 8190
_LAST_REQUESTS = 10.0  # seconds that requests under way have when the process ends


class _Connection(web.RequestHandler):
    """One client's connection."""

    __slots__ = ()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """Answer what can not be read as HTTP."""
        del message  # it repeats what was sent
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun; another can not follow on this connection")
        response: web.StreamResponse
        if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            response = problems.respond(problems.problem_of_status(431 if isinstance(exc, LineTooLong) else status), "/")
        else:
            response = problems.answer(request, exc if isinstance(exc, Exception) else TimeoutError())
        response.force_close()
        return response


class _Server(web.Server):
    """Makes our kind of connections."""

    def __call__(self) -> web.RequestHandler:
        return _Connection(
            self,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type] # None is how it is turned off
            max_line_size=_LONGEST_LINE,
            max_field_size=_LONGEST_LINE,
        )


class Runner(web.AppRunner):
    """Runs an application with problems for every kind of fault; tests use it too."""

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Server(_guarded(made.request_handler), request_factory=made.request_factory)


_Answering = Callable[[Any], Awaitable[web.StreamResponse]]


def _guarded(handler: _Answering) -> _Answering:
    """Answer also what goes wrong before the middlewares run: an `Expect` that can not be met, a router's fault."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("Expect", "100-continue").lower() != "100-continue":
            # aiohttp refuses it as well, but stumbles over bytes that are not UTF-8.
            return problems.respond(problems.problem_of_status(417), problems.instance_of(request))
        try:
            return await handler(request)
        except Exception as exception:  # noqa: BLE001 - the last place before the client
            return problems.answer(request, exception)

    return handle


def run(create_app: Callable[[S], web.Application], settings_class: type[S], *, name: str) -> None:
    """Be a service until SIGTERM or SIGINT. Exits with 1 if a part fails, with 2 if the environment is wrong."""
    try:
        settings = settings_class.from_environment(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"{name} can not start:\n{error}\n")
        sys.exit(2)
    telemetry.log_to_stdout(name, settings.log_level)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        sys.exit(0 if runner.run(_live(create_app, settings, name)) else 1)


async def _live(create_app: Callable[[S], web.Application], settings: S, name: str) -> bool:
    """Return whether the process ended because it was asked to."""
    try:
        app = create_app(settings)
        runner = Runner(app, shutdown_timeout=_LAST_REQUESTS)
        await runner.setup()
    except (WrongLog, WrongKek) as refusal:  # it says what to do; where in the code it was found helps nobody
        _log.critical("%s can not start: %s", name, refusal)
        return False
    except Exception as error:  # noqa: BLE001 - whatever keeps it from starting is said once, in the log
        _log.critical("%s can not start: %s", name, error, exc_info=error)
        return False
    ending = app[ENDING]
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, ending.asked.set)
        site = web.TCPSite(runner, settings.host, settings.port, shutdown_timeout=_LAST_REQUESTS)
        await site.start()
        _log.info("listening", extra={"address": runner.addresses[0], "replica": settings.replica})
        await ending.asked.wait()
        app[READINESS].stopping = True
        if ending.fault is None:
            await asyncio.sleep(settings.drain_ms / 1000)  # until whoever asks /readyz has noticed
    finally:
        await runner.cleanup()
    _log.info("ended", extra={"reason": ending.fault or "asked to"})
    return ending.fault is None


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Use uvloop where it exists: everywhere but on Windows."""
    if sys.platform == "win32":
        return None
    import uvloop  # noqa: PLC0415 - it can not be imported on Windows

    return uvloop.new_event_loop
