"""Facts about who is signed in, and where.

Names and types here are the storage format: add a field with a default, or a new event with the next version.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from events.base import Event, Personal, PersonalFields, event, personal


class Ending(StrEnum):
    """Why a session ended; the first is what a reason that this program does not know reads as."""

    SIGNED_OUT = "signed_out"
    REVOKED = "revoked"  # from the list of sessions
    REUSED = "reused"  # a rotated refresh token came back, so somebody else may hold the session


@personal("inkstream.device.v1")
class Device(PersonalFields):
    """What a person signed in with; sealed under the person's key."""

    user_agent: str = ""
    address: str = ""


@event("inkstream.session.opened.v1")
class SessionOpened(Event):
    """A person signed in."""

    session_id: UUID
    user_id: UUID
    device: Personal[Device]
    at: datetime


@event("inkstream.session.closed.v1")
class SessionClosed(Event):
    """The session ended: tokens of it that were issued before this are refused."""

    session_id: UUID
    user_id: UUID
    reason: Ending
    at: datetime


SessionEvent = SessionOpened | SessionClosed
