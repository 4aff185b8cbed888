"""Which generation of its views a process serves, and how it changes to another one without anybody noticing.

Each request keeps the generation that it began with: all its documents are from it, and its token is waited for in it. A process feeds
every generation that is kept, so that to go back is as quick as to go on.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError

from eventlog.generations import Generations
from eventlog.handling import Handler
from eventlog.mongoledger import MongoLedger
from eventlog.progress import Progress, Token
from eventlog.projection import Doc, View
from eventlog.projector import Projector
from eventlog.record import Partition
from eventlog.stopping import stop
from servicekit.filling import Filling
from servicekit.problems import Handler as Respond

_log = logging.getLogger(__name__)

LOOK = 1.0  # seconds between looks at which generations there are
PATIENCE = 10.0  # seconds that a generation may take to come to where the one before is


@dataclass(eq=False, slots=True)
class Served:
    """One generation of the views, as this process feeds and serves it."""

    ledger: MongoLedger
    projector: Projector
    handler: Handler
    requests: int = 0
    running: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)


class Serving:
    """The generations that a process feeds; `now` is the one that new requests are given."""

    def __init__(self, make: Callable[[int], Served]) -> None:
        self._make = make
        self._pinned: ContextVar[Served | None] = ContextVar("served", default=None)
        self._fed: dict[int, Served] = {}
        self._failed: asyncio.Future[None] | None = None
        self.filling = Filling(lambda generation: make(generation).ledger)
        self.now = make(0)

    def current(self) -> Served:
        """The generation of the request that is being answered; outside of one, what new requests are given."""
        return self._pinned.get() or self.now

    @web.middleware
    async def middleware(self, request: web.Request, handler: Respond) -> web.StreamResponse:
        """Let a request keep the generation that it begins with."""
        served = self.now
        self._pinned.set(served)
        served.requests += 1
        try:
            return await handler(request)
        finally:
            served.requests -= 1
            if served is not self.now:
                self._show_no_less(served)

    async def begin(self, generations: Generations) -> None:
        """Say which generation is served first."""
        if generations.active:
            self.now = self._make(generations.active)

    @contextlib.asynccontextmanager
    async def running(self, active: int, look: Callable[[], Awaitable[Generations]]) -> AsyncIterator[asyncio.Future[None]]:
        """Feed and serve until the block ends. Gives a future that fails when this can not go on."""
        failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._failed = failed
        await self._feed(active, self.now)
        following = asyncio.create_task(self._follow(look), name="generations")
        following.add_done_callback(self._end)
        try:
            yield failed
        finally:
            await stop(following)
            await asyncio.gather(*(each.running.aclose() for each in self._fed.values()))
            if not failed.cancel():
                failed.exception()  # nobody may have asked; it was logged

    async def _follow(self, look: Callable[[], Awaitable[Generations]]) -> None:
        while True:
            try:
                known = await look()
                await self.filling.look(known.filling, self.now.projector.progress)
                await self._adopt(known)
            except (PyMongoError, TimeoutError) as error:
                _log.warning("which generation of the views is to be served is not known: %r", error)
            await asyncio.sleep(LOOK)

    async def _adopt(self, known: Generations) -> None:
        for number in known.kept:
            if number not in self._fed:
                served = self._make(number)
                served.projector.judges = False
                await self._feed(number, served)
        for each in self._fed.values():
            # What is served is to judge, for what does not is a moment behind. The one before lets go a look later than it is served no
            # more: by then the other processes are to judge with theirs too, and no partition is without.
            each.projector.judges = each is self.now
        if self._fed[known.active] is not self.now:
            await self._serve(known.active)
        for number, each in list(self._fed.items()):
            if number not in known.kept and each is not self.now and not each.requests:
                del self._fed[number]
                await each.running.aclose()
                _log.info("a generation of the views is fed no more", extra={"generation": number})

    async def _feed(self, number: int, served: Served) -> None:
        ended = await served.running.enter_async_context(served.projector.running())
        ended.add_done_callback(self._end)
        self._fed[number] = served

    async def _serve(self, number: int) -> None:
        """Change over, once the generation has come to where the present one is."""
        old, new = self.now, self._fed[number]
        if not await new.projector.progress.reached(old.projector.progress.token(), PATIENCE):
            raise TimeoutError(f"generation {number} has not come to where the one before is")
        self.now, new.projector.judges = new, True
        self._show_no_less(old)
        _log.info("another generation of the views is served", extra={"generation": number})

    def _show_no_less(self, before: Served) -> None:
        """Let nobody see less than what a generation that was served before has shown."""
        shown = before.projector.progress
        for place, offset in shown.token().merge(shown.answered()).items():
            self.now.projector.progress.answer(place, offset)

    def _end(self, done: "asyncio.Future[None]") -> None:
        if not done.cancelled() and self._failed is not None and not self._failed.done():
            self._failed.set_exception(done.exception() or RuntimeError("generations are followed no more"))

    # What requests use: the views, and how far they are.

    async def read(self, view: str, ids: Iterable[str]) -> dict[str, Doc]:
        """Some documents of a view; those that are not there are missing. What many ask for at once is asked once."""
        return await self.current().ledger.read(view, ids)

    def collection(self, view: View) -> AsyncCollection[dict[str, Any]]:
        """The collection that holds a view: to be asked for anew by each request, for a rebuild puts another in its place."""
        return self.current().ledger.collection(view)

    def progress(self) -> Progress:
        """How far they are."""
        return self.current().projector.progress

    def token(self) -> Token:
        """See `servicekit.consistency.Progress`."""
        return self.progress().token()

    def answered(self) -> Token:
        """See `servicekit.consistency.Progress`. A command that began with another generation may have been answered since."""
        found = Token()
        for each in (self.current(), *self._fed.values()):
            found = found.merge(each.projector.progress.answered())
        return found

    async def passed(self, token: Mapping[Partition, int], timeout: float) -> bool:  # noqa: ASYNC109 - as eventlog has it
        """See `servicekit.consistency.Progress`."""
        return await self.progress().passed(token, timeout)
