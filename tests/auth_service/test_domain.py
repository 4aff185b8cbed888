"""The rules of accounts and sessions."""

from typing import Any
from uuid import UUID

import pytest

from auth_service import domain
from auth_service.domain import ADMIN, Account, CloseSession, Name, OpenSession, Register, Session, Site
from eventlog.deciding import Others
from events.accounts import Role, UserRegistered
from events.base import Event, Personal
from events.refusals import Conflict
from events.sessions import Ending, SessionClosed, SessionOpened
from tests.kit.specimens import ADA, ADAS_CREDENTIALS_KEY, ADAS_KEY, AT, CREDENTIALS, DEVICE, PROFILE, SESSION

BOB = UUID(int=900)
HANDLE, EMAIL = domain.handle_stream("aa"), domain.email_stream("bb")
REGISTERED = UserRegistered(
    user_id=ADA,
    handle_hash="aa",
    email_hash="bb",
    role=Role.ADMIN,
    profile=Personal(ADAS_KEY, PROFILE),
    credentials=Personal(ADAS_CREDENTIALS_KEY, CREDENTIALS),
    at=AT,
)
REGISTER = Register(
    user_id=ADA,
    handle_hash="aa",
    email_hash="bb",
    profile=Personal(ADAS_KEY, PROFILE),
    credentials=Personal(ADAS_CREDENTIALS_KEY, CREDENTIALS),
    now=AT,
)
OPENED = SessionOpened(session_id=SESSION, user_id=ADA, device=Personal(ADAS_KEY, DEVICE), at=AT)
CLOSED = SessionClosed(session_id=SESSION, user_id=ADA, reason=Ending.SIGNED_OUT, at=AT)
OPEN = OpenSession(session_id=SESSION, user_id=ADA, device=Personal(ADAS_KEY, DEVICE), now=AT)
CLOSE = CloseSession(session_id=SESSION, user_id=ADA, reason=Ending.SIGNED_OUT, now=AT)


def others(*, handle: UUID | None = None, email: UUID | None = None, admin: UUID | None = None) -> Others:
    states: dict[str, Any] = {HANDLE: Name(user_id=handle), EMAIL: Name(user_id=email), ADMIN: Site(admin_id=admin)}
    return Others({stream: (0, state) for stream, state in states.items()})


def session(*events: Event) -> Session:
    state = Session()
    for event in events:
        state = domain.evolve_session(state, event)  # type: ignore[arg-type] # the tests give events of sessions
    return state


def test_the_first_account_is_the_admin_and_claims_the_site() -> None:
    decision = domain.register(Account(), REGISTER, others())

    assert decision is not None
    assert decision.event == REGISTERED
    assert list(decision.claims) == [HANDLE, EMAIL, ADMIN]


def test_every_later_account_is_a_writer_and_claims_its_names_alone() -> None:
    decision = domain.register(Account(), REGISTER, others(admin=BOB))

    assert decision is not None
    assert isinstance(decision.event, UserRegistered)
    assert decision.event.role is Role.WRITER
    assert list(decision.claims) == [HANDLE, EMAIL]


def test_a_handle_that_somebody_has_is_refused() -> None:
    with pytest.raises(Conflict) as refused:
        domain.register(Account(), REGISTER, others(handle=BOB, admin=BOB))

    assert refused.value.code == "handle-taken"


def test_an_address_that_somebody_has_is_refused() -> None:
    with pytest.raises(Conflict) as refused:
        domain.register(Account(), REGISTER, others(email=BOB, admin=BOB))

    assert refused.value.code == "email-taken"


def test_registering_twice_changes_nothing() -> None:
    account = domain.evolve_account(Account(), REGISTERED)

    assert domain.register(account, REGISTER, others(handle=ADA, email=ADA, admin=ADA)) is None


def test_an_account_is_what_its_registration_said() -> None:
    account = domain.evolve_account(Account(), REGISTERED)

    assert account == Account(
        user_id=ADA,
        role=Role.ADMIN,
        kid=ADAS_KEY,
        handle="ada",
        name="Ada Lovelace",
        bio="I write about engines.",
        credentials_kid=ADAS_CREDENTIALS_KEY,
        email="ada@example.org",
        password_hash=CREDENTIALS.password_hash,
        registered_at=AT,
    )


def test_names_and_the_site_know_whose_they_are() -> None:
    assert domain.evolve_name(Name(), REGISTERED) == Name(user_id=ADA)
    assert domain.evolve_site(Site(), REGISTERED) == Site(admin_id=ADA)


def test_somebody_signs_in_once_for_each_session() -> None:
    first = domain.open_session(Session(), OPEN, others())

    assert first is not None
    assert first.event == OPENED
    assert domain.open_session(session(OPENED), OPEN, others()) is None


def test_a_session_is_closed_once() -> None:
    first = domain.close_session(session(OPENED), CLOSE, others())

    assert first is not None
    assert first.event == CLOSED
    assert domain.close_session(session(OPENED, CLOSED), CLOSE, others()) is None


def test_a_session_that_is_not_known_yet_is_not_taken_for_closed() -> None:
    decision = domain.close_session(Session(), CLOSE, others())

    assert decision is not None
    assert decision.event == CLOSED


def test_a_closed_session_says_since_when_and_why() -> None:
    closed = session(OPENED, CLOSED)

    assert (ADA, AT, AT, Ending.SIGNED_OUT) == (closed.user_id, closed.opened_at, closed.closed_at, closed.ending)
