"""Handling a command: load, decide, append, learn the verdict, and again where another was first.

A writer needs no lock and no leader: it names the versions that it saw, and the log arbitrates (`referee.py`).
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Container, Iterable, Mapping
from datetime import datetime
from typing import Any
from weakref import WeakValueDictionary

from pymongo.errors import PyMongoError

from eventlog.appending import Appender
from eventlog.commands import ATTEMPTS, Address
from eventlog.deciding import Behind, Call, Decide, Decision, NotLoaded, Others, Outcome, Unknown
from eventlog.entries import Attempt
from eventlog.facts import Facts
from eventlog.ledger import Ledger
from eventlog.log import Log, OutcomeUnknown
from eventlog.progress import Token
from eventlog.projection import Aggregate
from eventlog.projector import Projector
from eventlog.recent import Recent
from eventlog.record import Partition, Record
from eventlog.referee import Heading
from events.commands import CommandClosed
from events.refusals import Conflict, Invalid, Refused, Stale

PATIENCE = 5.0  # seconds that a command waits for its turn, or for the database
VIEW_TIMEOUT = 2.0  # seconds that a command waits for the views to come to where it has to begin


class Handler:
    """Handles the commands of one service, as one of its replicas."""

    def __init__(
        self, log: Log, ledger: Ledger, projector: Projector, facts: Facts, aggregates: Iterable[Aggregate], *, source: str
    ) -> None:
        self._log = log
        self._ledger = ledger
        self._progress = projector.progress
        self._tips = projector.reader.tips
        self._precedence = projector.reader.precedence
        self.recent = Recent()
        self._aggregates = {aggregate.kind: aggregate for aggregate in aggregates}
        self._appender = Appender(log, ledger, projector, facts, source)
        self._facts = facts
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        projector.reader.elsewhere = self._take_along

    @property
    def voided(self) -> int:
        """How many attempts others were before."""
        return self._appender.voided

    async def handle(self, stream: str, command: Any, decide: Decide, call: Call) -> Outcome:
        """Handle a command on its primary stream.

        Raises Refused (this call changed nothing), Behind (nor did it then), Unknown (not known yet).
        """
        lock = await self._turn(stream)
        try:
            if not await self._progress.reached(self._beyond(call), VIEW_TIMEOUT):
                raise Behind("the views have not come to what you have seen")
            tried: dict[int, Attempt | None] = {}
            try:
                return await self._handle(stream, command, decide, call, tried)
            except Behind as behind:
                if tried:
                    raise Unknown(call.address) from behind
                raise
        finally:
            self._precedence.leave(call.place, stream, str(call.command_id))
            lock.release()

    async def _handle(self, stream: str, command: Any, decide: Decide, call: Call, tried: dict[int, Attempt | None]) -> Outcome:
        """The tries of one command; `tried` are the attempts of which this call has appended a record, and what is known of each."""
        read_to_end = False
        while True:
            await self._precedence.due(call.place, stream, str(call.command_id))
            loaded = await self._load([stream], call)
            attempts = {n: attempt for n, attempt in tried.items() if attempt is not None}
            since: int | None = None
            if call.repeatable or len(attempts) < len(tried):
                since = self._progress[call.place]
                attempts |= await self._decided(call.address, attempts)
            n = _next(attempts, call)
            if n is None:
                return await self._again(stream, attempts, call)
            try:
                decision = await self._decide(stream, command, decide, loaded, call)
            except Refused:
                if read_to_end:
                    raise
                decision = None
            if decision is None and not read_to_end:
                # An earlier try of this command, or what its caller has just done elsewhere, may have landed and not be seen yet.
                await self.read_to_end(call.place)
                read_to_end = True
                continue
            version, state = loaded[stream]
            if decision is None:
                return Outcome(state, version, self._token(call.place))
            evolved = self._aggregate(stream).evolve(state, decision.event)  # first: what it can not digest shall not be appended
            expects = {each: loaded[each][0] for each in (stream, *decision.claims)}
            reads = {each: loaded[each][0] for each in decision.reads}
            prepared = await self._appender.prepare(call, stream, decision.event, expects, reads, n)
            tried[n] = None
            # Of a command that was named here and now nothing can be in the log yet, but for what this call has appended.
            tried[n] = done = await self._appender.append(call, prepared, since if since is not None else self._tips[call.place].next)
            if done is not None and done.accepted:
                self.recent.keep(stream, version + 1, evolved)
                return Outcome(evolved, version + 1, Token({call.place: done.offset + 1}))

    async def outcome(self, address: Address) -> str:
        """What became of a command: accepted, closed, or open. Raises Behind where that is not known."""
        await self.read_to_end(address.place)
        attempts = await self._decided(address)
        accepted = [attempt for attempt in attempts.values() if attempt.accepted]
        if accepted:
            return "closed" if accepted[0].closed else "accepted"
        return "closed" if len(attempts) == ATTEMPTS else "open"

    async def close(self, address: Address, *, by: str, now: datetime) -> bool:
        """Give a command up: True when it never will take effect, False when it did. Raises Behind or Unknown where that is not known."""
        while True:
            await self.read_to_end(address.place)
            attempts = await self._decided(address)
            accepted = [attempt for attempt in attempts.values() if attempt.accepted]
            if accepted:
                return accepted[0].closed
            if len(attempts) == ATTEMPTS:
                return True
            lowest = next(n for n in range(ATTEMPTS) if n not in attempts)
            event = CommandClosed(command_id=address.command_id, by=by, at=now)
            call = Call(topic=address.topic, key=address.key, command_id=address.command_id, actor=by, now=now)
            await self._appender.append(
                call, await self._appender.prepare(call, f"command:{address.command_id}", event, {}, {}, lowest), None
            )

    async def read_to_end(self, place: Partition) -> None:
        """Wait until the views have passed what the log holds now. Raises Behind."""
        try:
            ends = await self._log.ends([place])
        except OutcomeUnknown as error:
            raise Behind(str(error)) from error
        if not await self._progress.reached(ends, VIEW_TIMEOUT):
            raise Behind("the views have not come to the end of the log")

    async def _turn(self, stream: str) -> asyncio.Lock:
        """Commands for one stream queue here, so that a replica never races itself: gives the lock, which is held."""
        lock = self._locks.get(stream)
        if lock is None:
            lock = self._locks[stream] = asyncio.Lock()
        if lock.locked():
            async with _bounded("too many changes of the same thing are waiting", PATIENCE):
                await lock.acquire()
        else:
            await lock.acquire()
        return lock

    def _beyond(self, call: Call) -> dict[Partition, int]:
        """What the views have to come to before a command begins: what the caller has seen, but for what the log's tip shows as well."""
        return {place: offset for place, offset in call.seen.items() if place != call.place or self._tips[place].next < offset}

    async def _load(self, streams: list[str], call: Call) -> dict[str, tuple[int, Any]]:
        """Version and state of some streams, each pair as of one moment, after all that was read. Raises Behind where one is parked."""
        tip = self._tips[call.place]
        if call.place in self._progress.parked:
            await self._refuse_parked(streams)
        ahead = tip.next >= self._progress[call.place]  # if not, the views may know of later versions than what was read here
        remembered = {stream: self.recent.get(stream, tip.version(stream)) for stream in streams if ahead}
        found = {stream: known for stream, known in remembered.items() if known is not None}
        wanted = [stream for stream in streams if stream not in found]
        if wanted:
            if not await self._progress.reached({call.place: max(map(tip.last, wanted)) + 1}, VIEW_TIMEOUT):
                raise Behind("the views have not come to what was written last")
            async with _bounded("what this needs is not read in time", PATIENCE):
                read = await self._ledger.states(call.place, wanted)
            if None in {as_of for _, as_of in read.values()}:
                await self._refuse_parked(wanted)
            for stream, (doc, as_of) in read.items():
                version = doc["version"] if doc is not None else 0
                if as_of is not None:
                    self._tips[call.place].learn(stream, version, as_of)
                found[stream] = self.recent.keep(stream, version, self._aggregate(stream).load(doc))
        return found

    async def _refuse_parked(self, streams: list[str]) -> None:
        async with _bounded("what is parked is not read in time", PATIENCE):
            parked = await self._ledger.parked(streams)
        if parked:
            raise Behind("what this needs waits for a cure: see `inkctl parked list`", parked=True)

    def _take_along(self, record: Record, heading: Heading) -> None:
        """Evolve states that are remembered by what another replica made of them, so that the next command need not wait for the views."""
        known = {stream: found for stream, version in heading.expects.items() if (found := self.recent.get(stream, version)) is not None}
        if not known:
            return
        try:
            event = self._facts.decode(record)
            evolved = {stream: self._aggregate(stream).evolve(state, event) for stream, (_, state) in known.items()}
        except Exception:  # noqa: BLE001 - whatever it holds and whatever that does, the views tell what came of it
            return
        for stream, state in evolved.items():
            self.recent.keep(stream, heading.expects[stream] + 1, state)

    async def _decide(
        self, stream: str, command: Any, decide: Decide, loaded: dict[str, tuple[int, Any]], call: Call
    ) -> Decision[Any] | None:
        while True:
            try:
                decision = decide(loaded[stream][1], command, Others(loaded))
            except NotLoaded as wanted:
                loaded |= await self._load([wanted.stream], call)
                continue
            if call.if_match is not None and loaded[stream][0] != call.if_match:
                raise Stale("it was changed since you read it", current_version=loaded[stream][0])
            missing = [each for each in (*decision.claims, *decision.reads) if each not in loaded] if decision is not None else []
            if missing:
                loaded |= await self._load(missing, call)
            return decision

    async def _decided(self, address: Address, known: Container[int] = ()) -> dict[int, Attempt]:
        """What was decided of a command's attempts, but for those that are known."""
        ids = {attempt: n for n, attempt in enumerate(address.attempts()) if n not in known}
        if not ids:
            return {}
        read = {address.place: max(map(self._tips[address.place].carried, ids)) + 1}
        if not await self._progress.reached(read, VIEW_TIMEOUT):
            raise Behind("the views have not come to an earlier try")
        async with _bounded("what was decided is not read in time", PATIENCE):
            found = await self._ledger.attempts(address.place, ids)
        return {ids[attempt]: decided for attempt, decided in found.items()}

    async def _again(self, stream: str, attempts: Mapping[int, Attempt], call: Call) -> Outcome:
        """What a command made that was accepted before: the stream as it is now."""
        made = next(attempt.offset for attempt in attempts.values() if attempt.accepted)
        if not await self._progress.reached({call.place: made + 1}, VIEW_TIMEOUT):
            raise Behind("the views have not come to what the command made")
        version, state = (await self._load([stream], call))[stream]
        return Outcome(state, version, self._token(call.place).merge({call.place: made + 1}), repeated=True)

    def _token(self, place: Partition) -> Token:
        """Where the views stand, and with them once they have passed all that was read of a partition."""
        return self._progress.token().merge({place: self._tips[place].next} if self._tips[place].next else {})

    def _aggregate(self, stream: str) -> Aggregate:
        return self._aggregates[stream.partition(":")[0]]


def _next(attempts: Mapping[int, Attempt], call: Call) -> int | None:
    """The number of the next attempt, given what was decided of the earlier ones; None when one was accepted. Raises Refused."""
    for attempt in attempts.values():
        if attempt.accepted and attempt.closed:
            raise Conflict("the command was given up", code="command-closed")
        if attempt.request != call.request and not attempt.closed:
            raise Invalid("the same Idempotency-Key came with another request", code="key-reused")
        if attempt.accepted:
            return None
    if len(attempts) >= ATTEMPTS:
        raise Conflict("others were first five times", code="command-exhausted")
    return next(n for n in range(ATTEMPTS) if n not in attempts)


@contextlib.asynccontextmanager
async def _bounded(detail: str, seconds: float) -> AsyncIterator[None]:
    """Say Behind where the database does not answer, or not in time."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise Behind(detail) from None
    except PyMongoError as error:
        raise Behind(f"the views do not answer: {type(error).__name__}") from error
