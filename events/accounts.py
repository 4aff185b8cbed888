"""Facts about people and their accounts.

Names and types here are the storage format: add a field with a default, or a new event with the next version.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from events.base import Event, Personal, PersonalFields, event, personal


class Role(StrEnum):
    """What an account may do beyond its own things; the first is what a role that this program does not know reads as."""

    WRITER = "writer"
    MODERATOR = "moderator"
    ADMIN = "admin"


@personal("inkstream.profile.v1")
class Profile(PersonalFields):
    """How a person appears to others; sealed under the person's key."""

    handle: str = ""
    name: str = ""
    bio: str = ""


@personal("inkstream.credentials.v1")
class Credentials(PersonalFields):
    """How a person proves who they are; sealed under a key of its own that only auth can unwrap."""

    email: str = ""
    password_hash: str = ""


@event("inkstream.user.registered.v1")
class UserRegistered(Event):
    """Somebody opened an account."""

    user_id: UUID
    handle_hash: str  # keyed: what stands in the name of the handle's stream
    email_hash: str  # the same of the e-mail address
    role: Role  # `admin` for the first account of an installation
    profile: Personal[Profile]
    credentials: Personal[Credentials]
    at: datetime


AccountEvent = UserRegistered
