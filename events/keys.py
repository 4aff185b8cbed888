"""Facts about the keys that personal fields are sealed under; a tombstone in their place means erased.

Names and types here are the storage format: add a field with a default, or a new event with the next version.
"""

from datetime import datetime
from uuid import UUID

from events.base import Event, event


@event("inkstream.data-key.made.v1")
class DataKeyMade(Event):
    """A data key was made for `subject` by a command; it counts once the command's accepted fact names it."""

    kid: UUID
    subject: str  # a stream's name: `user:…` or `post:…`
    command_id: UUID
    kek: str  # the short id of the key that it is wrapped under
    wrapped: bytes  # the key, encrypted
    at: datetime


KeyEvent = DataKeyMade
