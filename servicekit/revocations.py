"""Access tokens that are refused before they expire: what was closed is read from the log, from two token lifetimes ago on.

The tail is not judged, so it only ever refuses; nothing lifts a refusal, a new token is asked for instead.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from eventlog.log import Log, places_of
from eventlog.record import Record
from events import codec
from events.sealing import KeyErased
from events.sessions import SessionClosed
from servicekit.following import Following
from servicekit.identity import LIFETIME, Caller

TOPICS = ("sessions",)


class Revocations:
    """The sessions that were closed within two token lifetimes."""

    def __init__(self, log: Log, clock: Callable[[], datetime]) -> None:
        self._log = log
        self._clock = clock
        self._closed: dict[UUID, datetime] = {}
        self.following = Following(log, TOPICS, self._fold)

    @property
    def ready(self) -> bool:
        """Whether the topics were read once to their ends."""
        return self.following.ready

    def refuse(self, caller: Caller) -> bool:
        """Whether this caller's session was closed."""
        return caller.session_id in self._closed

    def close(self, session_id: UUID) -> None:
        """Refuse a session from now on, without waiting for the log to come round."""
        self._closed[session_id] = self._clock()

    async def run(self) -> None:
        """Follow the log."""
        places = places_of(TOPICS)
        await self.following.run(await self._log.since(places, self._clock() - 2 * LIFETIME))

    def _fold(self, record: Record) -> None:
        if record.text("ce_type") != SessionClosed.TYPE:
            return
        try:
            closed = codec.decode(record.value or b"", ce_type=SessionClosed.TYPE, ce_id=UUID(record.text("ce_id")), key_of=_withheld)
        except (codec.Malformed, codec.UnknownSchema, ValueError):
            return
        if isinstance(closed, SessionClosed):
            self._closed[closed.session_id] = datetime.fromtimestamp(record.time / 1000, UTC)
            self._forget()

    def _forget(self) -> None:
        """Drop what is so old that no token of it can be valid."""
        limit = self._clock() - 2 * LIFETIME
        while self._closed and next(iter(self._closed.values())) < limit:  # they stand nearly in the order of time
            del self._closed[next(iter(self._closed))]


def _withheld(kid: UUID) -> bytes:
    raise KeyErased(kid)
