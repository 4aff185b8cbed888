"""The rules of accounts and sessions: what may be asked, what is known, what is decided, and what a fact changes. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from eventlog.deciding import Decision, Others
from events.accounts import AccountEvent, Credentials, Profile, Role, UserRegistered
from events.base import Personal
from events.refusals import Conflict
from events.sessions import Device, Ending, SessionClosed, SessionEvent, SessionOpened

ADMIN = "site:admin"  # the stream that the first account of an installation claims


def user_stream(user_id: UUID) -> str:
    """Name the stream of an account."""
    return f"user:{user_id}"


def handle_stream(handle_hash: str) -> str:
    """Name the stream of a handle, by its keyed hash."""
    return f"handle:{handle_hash}"


def email_stream(email_hash: str) -> str:
    """Name the stream of an e-mail address, by its keyed hash."""
    return f"email:{email_hash}"


def session_stream(session_id: UUID) -> str:
    """Name the stream of a session."""
    return f"session:{session_id}"


# Commands


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Open an account."""

    user_id: UUID
    handle_hash: str
    email_hash: str
    profile: Personal[Profile]
    credentials: Personal[Credentials]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """Sign somebody in who has proved who they are."""

    session_id: UUID
    user_id: UUID
    device: Personal[Device]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseSession:
    """End a session; the caller holds a token of it."""

    session_id: UUID
    user_id: UUID
    reason: Ending
    now: datetime


# State


@dataclass(frozen=True, kw_only=True)
class Account:
    """A person's account; `kid` and `credentials_kid` seal what is opened here."""

    user_id: UUID | None = None
    role: Role = Role.WRITER
    kid: UUID | None = None
    handle: str = ""
    name: str = ""
    bio: str = ""
    credentials_kid: UUID | None = None
    email: str = ""
    password_hash: str = ""
    registered_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Name:
    """Whose a handle or an e-mail address is."""

    user_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Site:
    """What there is once in an installation."""

    admin_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Session:
    """Where somebody signed in, and since when they are not any more."""

    user_id: UUID | None = None
    kid: UUID | None = None
    user_agent: str = ""
    address: str = ""
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    ending: Ending | None = None


# Decisions


def register(account: Account, command: Register, others: Others) -> Decision[AccountEvent] | None:
    """Take the handle and the address, and for the first account the installation."""
    if account.user_id is not None:
        return None
    handle, email = handle_stream(command.handle_hash), email_stream(command.email_hash)
    if others[handle].user_id is not None:
        raise Conflict("this handle is taken", code="handle-taken")
    if others[email].user_id is not None:
        raise Conflict("another account has this e-mail address", code="email-taken")
    first = others[ADMIN].admin_id is None
    event = UserRegistered(
        user_id=command.user_id,
        handle_hash=command.handle_hash,
        email_hash=command.email_hash,
        role=Role.ADMIN if first else Role.WRITER,
        profile=command.profile,
        credentials=command.credentials,
        at=command.now,
    )
    return Decision(event, claims=[handle, email, ADMIN] if first else [handle, email])


def open_session(session: Session, command: OpenSession, others: Others) -> Decision[SessionEvent] | None:
    """Open it once."""
    del others
    if session.user_id is not None:
        return None
    return Decision(SessionOpened(session_id=command.session_id, user_id=command.user_id, device=command.device, at=command.now))


def close_session(session: Session, command: CloseSession, others: Others) -> Decision[SessionEvent] | None:
    """Close it once.

    A session that is not known yet is closed like any other: its opening stands before this on the log, so the attempt is void and the next
    one knows it.
    """
    del others
    if session.closed_at is not None:
        return None
    return Decision(SessionClosed(session_id=command.session_id, user_id=command.user_id, reason=command.reason, at=command.now))


# What a fact changes


def evolve_account(account: Account, event: AccountEvent) -> Account:
    """Change an account."""
    return replace(
        account,
        user_id=event.user_id,
        role=event.role,
        kid=event.profile.kid,
        handle=event.profile.value.handle,
        name=event.profile.value.name,
        bio=event.profile.value.bio,
        credentials_kid=event.credentials.kid,
        email=event.credentials.value.email,
        password_hash=event.credentials.value.password_hash,
        registered_at=event.at,
    )


def evolve_name(name: Name, event: AccountEvent) -> Name:
    """Change whose a handle or an e-mail address is."""
    return replace(name, user_id=event.user_id)


def evolve_site(site: Site, event: AccountEvent) -> Site:
    """Change what there is once."""
    return replace(site, admin_id=event.user_id)


def evolve_session(session: Session, event: SessionEvent) -> Session:
    """Change a session."""
    match event:
        case SessionOpened():
            return replace(
                session,
                user_id=event.user_id,
                kid=event.device.kid,
                user_agent=event.device.value.user_agent,
                address=event.device.value.address,
                opened_at=event.at,
            )
        case SessionClosed():
            return replace(session, user_id=event.user_id, closed_at=event.at, ending=event.reason)
        case _:
            assert_never(event)
