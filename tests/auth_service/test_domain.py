"""The rules of accounts and sessions."""

from dataclasses import replace
from uuid import UUID

from auth_service import domain
from auth_service.domain import ADMIN, Account, CloseSession, Name, OpenSession, Register, Site
from auth_service.projection import EMAILS, HANDLES, SESSIONS, SITE, USERS
from eventlog.testing import Deciding
from events.accounts import Role, UserRegistered
from events.base import Personal
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


ACCOUNTS = Deciding(domain.register, (USERS, HANDLES, EMAILS, SITE))
OPENING, CLOSING = Deciding(domain.open_session, (SESSIONS,)), Deciding(domain.close_session, (SESSIONS,))
TAKEN = {ADMIN: Site(admin_id=BOB)}  # an installation that has its admin


def test_the_first_account_is_the_admin_and_claims_the_site() -> None:
    ACCOUNTS.given().when(REGISTER).then(REGISTERED, claims=[HANDLE, EMAIL, ADMIN])


def test_every_later_account_is_a_writer_and_claims_its_names_alone() -> None:
    ACCOUNTS.given(others=TAKEN).when(REGISTER).then(replace(REGISTERED, role=Role.WRITER), claims=[HANDLE, EMAIL])


def test_a_handle_that_somebody_has_is_refused() -> None:
    ACCOUNTS.given(others={**TAKEN, HANDLE: Name(user_id=BOB)}).when(REGISTER).then_refused(Conflict, code="handle-taken")


def test_an_address_that_somebody_has_is_refused() -> None:
    ACCOUNTS.given(others={**TAKEN, EMAIL: Name(user_id=BOB)}).when(REGISTER).then_refused(Conflict, code="email-taken")


def test_registering_twice_changes_nothing() -> None:
    mine = Name(user_id=ADA)

    ACCOUNTS.given(REGISTERED, others={HANDLE: mine, EMAIL: mine, ADMIN: Site(admin_id=ADA)}).when(REGISTER).then_nothing()


def test_an_account_is_what_its_registration_said() -> None:
    assert ACCOUNTS.given(REGISTERED).state == Account(
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
    OPENING.given().when(OPEN).then(OPENED)
    OPENING.given(OPENED).when(OPEN).then_nothing()


def test_a_session_is_closed_once() -> None:
    CLOSING.given(OPENED).when(CLOSE).then(CLOSED)
    CLOSING.given(OPENED, CLOSED).when(CLOSE).then_nothing()


def test_a_session_that_is_not_known_yet_is_not_taken_for_closed() -> None:
    CLOSING.given().when(CLOSE).then(CLOSED)


def test_a_closed_session_says_since_when_and_why() -> None:
    closed = CLOSING.given(OPENED, CLOSED).state

    assert (ADA, AT, AT, Ending.SIGNED_OUT) == (closed.user_id, closed.opened_at, closed.closed_at, closed.ending)
