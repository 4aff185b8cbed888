"""Facts about the keys that access tokens are signed with.

Names and types here are the storage format: add a field with a default, or a new event with the next version.
"""

from datetime import datetime
from uuid import UUID

from events.base import Event, event


@event("inkstream.signing-key.made.v1")
class SigningKeyMade(Event):
    """An Ed25519 key for access tokens was made; everybody may know its public part."""

    kid: UUID
    public: bytes  # 32 bytes, raw
    kek: str  # the short id of the key that the private part is wrapped under
    sealed_private: bytes  # the private part, encrypted
    at: datetime


SigningKeyEvent = SigningKeyMade
