"""Events as the log carries them: sealed when they are appended, opened when they are read."""

from typing import Any, Protocol
from uuid import UUID

from eventlog.record import Record
from events import codec


class Keys(Protocol):
    """Where data keys come from."""

    def key_of(self, kid: UUID) -> bytes:
        """The data key; raises events.sealing's KeyMissing or KeyErased."""

    async def catch_up(self) -> None:
        """Read the key topics to their ends as they stand now."""


class Facts:
    """Seals and opens events with an installation's data keys."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def encode(self, event: Any, attempt: UUID) -> bytes:
        """An event as the value of a record. Raises KeyMissing."""
        sealed: bytes = codec.encode(event, ce_id=attempt, key_of=self._keys.key_of)
        return sealed

    def decode(self, record: Record) -> Any:
        """The event that a record carries. Raises UnknownSchema, Malformed, KeyMissing."""
        if record.value is None:
            raise codec.Malformed("a fact has a value")
        try:
            attempt = UUID(record.text("ce_id"))
        except ValueError:
            raise codec.Malformed("the attempt id is no UUID") from None
        return codec.decode(record.value, ce_type=record.text("ce_type"), ce_id=attempt, key_of=self._keys.key_of)

    async def catch_up(self) -> None:
        """Read the key topics to their ends, for a key that is missing."""
        await self._keys.catch_up()
