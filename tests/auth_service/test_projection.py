"""The views of auth_service."""

from auth_service.domain import Account, Session
from auth_service.projection import PROJECTION, SESSIONS, USERS
from eventlog.testing import folded
from eventlog.topics import TOPICS
from events.accounts import Profile, UserRegistered
from events.base import Personal
from events.sessions import SessionClosed, SessionOpened
from tests.kit.specimens import ADA, ADAS_KEY, EVENTS, SESSION

REGISTERED = next(event for event in EVENTS if isinstance(event, UserRegistered))
OPENED = next(event for event in EVENTS if isinstance(event, SessionOpened))
CLOSED = next(event for event in EVENTS if isinstance(event, SessionClosed))
CLAIMS = {f"user:{ADA}": 0, "handle:aa": 0, "email:bb": 2, "site:admin": 0}


def test_one_registration_feeds_the_account_its_names_and_the_site() -> None:
    views = folded(PROJECTION, (REGISTERED, CLAIMS))

    assert {"users": 1, "handles": 1, "emails": 1, "site": 1, "sessions": 0} == {name: len(docs) for name, docs in views.items()}
    assert {"handle:aa": {"_id": "handle:aa", "user_id": ADA, "version": 1}} == views["handles"]
    assert {"email:bb": {"_id": "email:bb", "user_id": ADA, "version": 3}} == views["emails"]
    assert {"site:admin": {"_id": "site:admin", "admin_id": ADA, "version": 1}} == views["site"]


def test_an_account_and_a_session_come_back_from_their_documents() -> None:
    views = folded(PROJECTION, (REGISTERED, CLAIMS), (OPENED, {f"session:{SESSION}": 0}), (CLOSED, {f"session:{SESSION}": 1}))

    account = USERS.load(views["users"][f"user:{ADA}"])
    session = SESSIONS.load(views["sessions"][f"session:{SESSION}"])

    assert USERS.evolve(Account(), REGISTERED) == account
    assert SESSIONS.evolve(SESSIONS.evolve(Session(), OPENED), CLOSED) == session


def test_a_document_that_holds_opened_text_carries_the_key_that_it_was_sealed_with() -> None:
    views = folded(PROJECTION, (REGISTERED, CLAIMS), (OPENED, {f"session:{SESSION}": 0}))

    account, session = views["users"][f"user:{ADA}"], views["sessions"][f"session:{SESSION}"]

    assert REGISTERED.profile.kid == account["kid"]
    assert REGISTERED.credentials.kid == account["credentials_kid"]
    assert OPENED.device.kid == session["kid"]


def test_an_erased_registration_leaves_nothing_personal() -> None:
    erased = UserRegistered(**{**vars(REGISTERED), "profile": Personal(ADAS_KEY, Profile())})

    account = folded(PROJECTION, (erased, CLAIMS))["users"][f"user:{ADA}"]

    assert ("", "", "") == (account["handle"], account["name"], account["bio"])


def test_it_projects_the_topics_that_auth_owns() -> None:
    assert {"auth"} == {TOPICS[name].owner for name in PROJECTION.topics}
