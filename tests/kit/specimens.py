"""One of each thing that the log may hold, the same in every run."""

from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from uuid import UUID

from events.accounts import Credentials, Profile, Role, UserRegistered
from events.base import Event, Personal, PersonalFields
from events.commands import CommandClosed
from events.comments import CommentPosted, CommentText
from events.jwks import SigningKeyMade
from events.keys import DataKeyMade
from events.posts import PostAddress, PostDrafted, PostImported, PostPublished, PostRevised, PostText, RevisionNote
from events.schema import SEALED as SEALED_TYPE
from events.sealing import Sealed
from events.sessions import Device, Ending, SessionClosed, SessionOpened

CE_ID = UUID("c0ffee00-0000-4000-8000-000000000001")
AT = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
ADA, POST, COMMENT, SESSION, COMMAND = (UUID(int=number) for number in range(1, 6))
ADAS_KEY, ADAS_CREDENTIALS_KEY, POST_KEY = (UUID(int=number) for number in range(101, 104))

PROFILE = Profile(handle="ada", name="Ada Lovelace", bio="I write about engines.")
CREDENTIALS = Credentials(email="ada@example.org", password_hash="$2b$12$notreallyahash")  # noqa: S106 # nobody's
DEVICE = Device(user_agent="Firefox", address="192.0.2.1")
TEXT = PostText(title="Über Maschinen", body="# Erstens\n\n你好 🙂\n", tags=("engines", "notes"), excerpt="Short.", language="de")
NOTE = RevisionNote(text="a word was missing")
ADDRESS = PostAddress(slug="ueber-maschinen")
SEALED = Sealed(POST_KEY, bytes(range(12)), bytes(range(40)))
COMMENT_TEXT = CommentText(body="Well said.")

GROUPS: tuple[PersonalFields, ...] = (PROFILE, CREDENTIALS, DEVICE, TEXT, NOTE, ADDRESS, COMMENT_TEXT)
EVENTS: tuple[Event, ...] = (
    UserRegistered(
        user_id=ADA,
        handle_hash="aa" * 32,
        email_hash="bb" * 32,
        role=Role.ADMIN,
        profile=Personal(ADAS_KEY, PROFILE),
        credentials=Personal(ADAS_CREDENTIALS_KEY, CREDENTIALS),
        at=AT,
    ),
    SessionOpened(session_id=SESSION, user_id=ADA, device=Personal(ADAS_KEY, DEVICE), at=AT),
    SessionClosed(session_id=SESSION, user_id=ADA, reason=Ending.REUSED, at=AT),
    PostDrafted(post_id=POST, author_id=ADA, text=Personal(POST_KEY, TEXT), at=AT),
    PostRevised(post_id=POST, author_id=ADA, text=Personal(POST_KEY, TEXT), note=Personal(POST_KEY, NOTE), minor=True, at=AT),
    PostPublished(
        post_id=POST, author_id=ADA, slug_hash="cc" * 32, address=Personal(POST_KEY, ADDRESS), note=Personal(POST_KEY, NOTE), at=AT
    ),
    PostImported(
        post_id=POST,
        author_id=ADA,
        source="dd" * 32,
        text=Personal(POST_KEY, TEXT),
        address=Personal(POST_KEY, ADDRESS),
        slug_hash="cc" * 32,
        published=True,
        created_at=datetime(1969, 7, 20, 20, 17, 40, tzinfo=UTC),
        published_at=AT.astimezone(timezone(timedelta(hours=2))),
        at=AT,
    ),
    CommentPosted(
        comment_id=COMMENT,
        post_id=POST,
        post_author_id=ADA,
        post_version=3,
        author_id=ADA,
        parent_id=UUID(int=6),
        text=Personal(ADAS_KEY, COMMENT_TEXT),
        at=AT,
    ),
    DataKeyMade(kid=ADAS_KEY, subject=f"user:{ADA}", command_id=COMMAND, kek="0a1b2c3d", wrapped=bytes(range(60)), at=AT),
    SigningKeyMade(kid=UUID(int=104), public=bytes(range(32)), kek="0a1b2c3d", sealed_private=bytes(range(60)), at=AT),
    CommandClosed(command_id=COMMAND, by=str(ADA), at=AT),
)
SAMPLES: dict[str, Event | PersonalFields | Sealed] = {
    **{event.TYPE: event for event in EVENTS},
    **{group.TYPE: group for group in GROUPS},
    SEALED_TYPE["name"]: SEALED,
}


def key_of(kid: UUID) -> bytes:
    """Return the data key that `kid` names in tests."""
    return sha256(kid.bytes).digest()
