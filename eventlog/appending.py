"""Appending an attempt and learning what the log decides about it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pymongo.errors import PyMongoError

from eventlog.commands import attempt_id
from eventlog.deciding import Behind, Call, Unknown
from eventlog.entries import Attempt
from eventlog.facts import Facts
from eventlog.ledger import Ledger
from eventlog.log import Log, OutcomeUnknown, TooLarge
from eventlog.projector import Projector
from eventlog.record import Claim
from eventlog.referee import LARGEST, Verdict, weight
from events.refusals import Invalid
from events.sealing import KeyMissing

VERDICT_TIMEOUT = 5.0  # seconds until an outcome counts as unknown
ROOM = 2.0  # seconds that a command waits while more is read than the views take in
RETRY = 0.2  # seconds between two questions to a database that does not answer


@dataclass(frozen=True, slots=True)
class Prepared:
    """The record of one attempt, sealed and ready to be appended."""

    attempt: UUID
    value: bytes
    headers: list[tuple[str, bytes]]


class Appender:
    """Appends the attempts of one replica's commands."""

    def __init__(self, log: Log, ledger: Ledger, projector: Projector, facts: Facts, source: str) -> None:
        self._log = log
        self._ledger = ledger
        self._reader = projector.reader
        self._progress = projector.progress
        self._facts = facts
        self._source = source
        self.voided = 0

    async def prepare(self, call: Call, subject: str, event: Any, expects: Mapping[str, int], reads: Mapping[str, int], n: int) -> Prepared:
        """Make the record of a command's attempt n. Raises Invalid or Behind."""
        attempt = attempt_id(call.command_id, n)
        claim = Claim(
            attempt=attempt,
            type=event.TYPE,
            source=self._source,
            subject=subject,
            time=call.now,
            command=call.command_id,
            expects=expects,
            reads=reads,
            actor=call.actor,
            request=call.request,
            traceparent=call.traceparent,
        )
        headers = claim.headers()
        if weight(call.key.encode(), headers) > LARGEST:
            raise Invalid("it names too many things at once", code="too-large")
        if self._reader.crowded and not await self._reader.room(ROOM):
            raise Behind("more was written than the views could take in")
        return Prepared(attempt, await self._sealed(event, attempt), headers)

    async def append(self, call: Call, prepared: Prepared, since: int | None) -> Attempt | None:
        """Append an attempt; what was decided of this very record, None where another record may have been first: look what was decided.

        No record before the offset `since` carried the attempt; None where that is not known. Raises Unknown, or Invalid where nothing was
        appended.
        """
        deadline = asyncio.get_running_loop().time() + VERDICT_TIMEOUT
        with self._reader.expecting(call.place, str(prepared.attempt), since) as told:
            try:
                offset = await self._log.append(call.place, call.key.encode(), prepared.value, prepared.headers)
            except TooLarge as error:
                raise Invalid("it is larger than the log takes", code="too-large") from error
            except OutcomeUnknown:
                offset = -1
            decided, accepted = await self._verdict(call, str(prepared.attempt), told, offset, deadline)
        self.voided += not accepted
        return Attempt(accepted, offset, call.request, closed=False) if decided == offset else None

    async def _verdict(
        self, call: Call, attempt: str, told: "asyncio.Future[tuple[int, Verdict]]", beyond: int, deadline: float
    ) -> tuple[int, bool]:
        """The offset of the record that decided an attempt, and whether it was accepted. Raises Unknown when that is not known in time."""
        try:
            async with asyncio.timeout_at(deadline):
                while True:
                    await self._progress.moved(call.place, beyond, told)
                    if told.done():
                        offset, verdict = told.result()
                        return offset, verdict is Verdict.ACCEPTED
                    try:
                        decided = (await self._ledger.attempts(call.place, [attempt])).get(attempt)
                    except PyMongoError:
                        await asyncio.sleep(RETRY)
                        continue
                    if decided is not None:
                        return decided.offset, decided.accepted
                    beyond = self._progress[call.place]
        except TimeoutError:
            raise Unknown(call.address) from None

    async def _sealed(self, event: Any, attempt: UUID) -> bytes:
        try:
            return self._facts.encode(event, attempt)
        except KeyMissing:
            pass
        try:
            async with asyncio.timeout(VERDICT_TIMEOUT):
                await self._facts.catch_up()
            return self._facts.encode(event, attempt)
        except (KeyMissing, OutcomeUnknown, TimeoutError) as error:
            raise Behind(f"a key is not known here: {error!r}") from error
