"""What happens in the recorded log, chapter by chapter: people, posts and comments, and all that a log may hold beside them.

A chapter is recorded once, by `python -m dev.recordings`, and its function is not called again: a change of one changes nothing that was
recorded. To record what is new (a type of event, most likely) write a further chapter.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from dev.pen import Pen
from eventlog.commands import attempt_id
from eventlog.record import Partition
from events.accounts import Credentials, Profile, Role, UserRegistered
from events.base import Personal
from events.commands import CommandClosed
from events.comments import CommentPosted, CommentText
from events.posts import PostAddress, PostDrafted, PostImported, PostPublished, PostRevised, PostText, RevisionNote
from events.sessions import Device, Ending, SessionClosed, SessionOpened
from tests.kit.recorded import CREDENTIALS_KEK

ADA, BO, CY = (UUID(int=(0xACC0 << 64) + number) for number in range(1, 4))
ENGINES, LOOMS, OLD, UNSAID = (UUID(int=(0x9057 << 64) + number) for number in range(1, 5))
FIRST, ANSWER, OF_CY, LATE = (UUID(int=(0xC033 << 64) + number) for number in range(1, 5))
LAPTOP, PHONE = (UUID(int=(0x5E55 << 64) + number) for number in range(1, 3))

BODY = """# Why engines

They *weave* algebraical patterns, as a loom weaves [flowers](https://example.org/loom).

```python
for card in cards:
    weave(card)
```

| card | thread |
|---|---|
| 1 | blue |

你好 🙂
"""


async def beginnings(pen: Pen) -> None:
    """Three people, one of whom is erased; posts, one of them erased; comments; closed commands; and every kind of void record."""
    await pen.signing_key()
    kids = {who: await _register(pen, who, name, admin=who is ADA) for who, name in ((ADA, "ada"), (BO, "bo"), (CY, "cy"))}
    await _taken_names(pen)
    await _sessions(pen, kids)
    await _posts(pen)
    await _comments(pen, kids)
    await _closed_commands(pen)
    await _void_records(pen)
    await pen.erase(f"user:{CY}", "keys")
    await pen.erase(f"post:{LOOMS}", "post-keys")


async def _register(pen: Pen, who: UUID, name: str, *, admin: bool) -> UUID:
    kid = await pen.key(f"user:{who}", "keys")
    secret = await pen.key(f"user:{who}/credentials", "keys", kek=CREDENTIALS_KEK)
    expects = {f"user:{who}": 0, f"handle:{name}": 0, f"email:{name}": 0, **({"site:admin": 0} if admin else {})}
    await pen.say(_registered(pen, who, name, kid, secret, Role.ADMIN if admin else Role.WRITER), expects, topic="accounts", key="accounts")
    return kid


def _registered(pen: Pen, who: UUID, name: str, kid: UUID, secret: UUID, role: Role = Role.WRITER) -> UserRegistered:
    return UserRegistered(
        user_id=who,
        handle_hash=name,
        email_hash=name,
        role=role,
        profile=Personal(kid, Profile(handle=name, name=name.title(), bio=f"I am {name}: 你好.")),
        credentials=Personal(secret, Credentials(email=f"{name}@example.org", password_hash="$2b$12$none")),  # noqa: S106 # nobody's
        at=pen.now(),
    )


async def _taken_names(pen: Pen) -> None:
    """Somebody wants Ada's handle with an address of their own, and somebody wants to be the admin too: void, and no name is taken."""
    for handle, email, site in (("ada", "dee", {}), ("dee", "dee", {"site:admin": 0})):
        who = uuid4()
        kid = await pen.key(f"user:{who}", "keys")
        secret = await pen.key(f"user:{who}/credentials", "keys", kek=CREDENTIALS_KEK)
        expects = {f"user:{who}": 0, f"handle:{handle}": 0, f"email:{email}": 0, **site}
        await pen.say(_registered(pen, who, handle, kid, secret), expects, topic="accounts", key="accounts")


async def _sessions(pen: Pen, kids: Mapping[UUID, UUID]) -> None:
    for session, who in ((LAPTOP, ADA), (PHONE, CY)):
        device = Personal(kids[who], Device(user_agent="Firefox", address="192.0.2.1"))
        opened = SessionOpened(session_id=session, user_id=who, device=device, at=pen.now())
        await pen.say(opened, {f"session:{session}": 0}, topic="sessions", key=str(session))
    closed = SessionClosed(session_id=LAPTOP, user_id=ADA, reason=Ending.SIGNED_OUT, at=pen.now())
    await pen.say(closed, {f"session:{LAPTOP}": 0}, topic="sessions", key=str(LAPTOP))  # void: it had not seen that it was opened
    await pen.say(closed, {f"session:{LAPTOP}": 1}, topic="sessions", key=str(LAPTOP))


async def _posts(pen: Pen) -> None:
    async def say(event: Any, expects: Mapping[str, int], author: UUID = ADA) -> tuple[Partition, int]:
        return await pen.say(event, expects, topic="posts", key=str(author))

    async def draft(post: UUID, author: UUID, title: str) -> UUID:
        kid = await pen.key(f"post:{post}", "post-keys")
        text = PostText(title=title, body=BODY, tags=("engines", "notes"), language="en")
        await say(PostDrafted(post_id=post, author_id=author, text=Personal(kid, text), at=pen.now()), {f"post:{post}": 0}, author)
        return kid

    def revised(post: UUID, author: UUID, kid: UUID, *, minor: bool = False, note: str = "", **text: Any) -> PostRevised:
        said = Personal(kid, RevisionNote(text=note)) if note else None
        return PostRevised(post_id=post, author_id=author, text=Personal(kid, PostText(**text)), note=said, minor=minor, at=pen.now())

    def published(post: UUID, author: UUID, kid: UUID, slug: str) -> PostPublished:
        address = Personal(kid, PostAddress(slug=slug))
        return PostPublished(post_id=post, author_id=author, slug_hash=slug, address=address, note=None, at=pen.now())

    kid = await draft(ENGINES, ADA, "On engines")
    await say(revised(ENGINES, ADA, kid, title="On engines", body=BODY + "More.\n", excerpt="In short."), {f"post:{ENGINES}": 1})
    await say(published(ENGINES, ADA, kid, "engines"), {f"post:{ENGINES}": 2, f"slug:{ADA}/engines": 0})
    await say(revised(ENGINES, ADA, kid, minor=True, title="On engines", body=BODY, tags=("engines",)), {f"post:{ENGINES}": 3})
    await say(revised(ENGINES, ADA, kid, note="late", title="Lost", body="lost"), {f"post:{ENGINES}": 3})  # void: one was first
    await say(
        revised(ENGINES, ADA, kid, note="why", title="On engines", body=BODY, tags=("engines",), cover="c", canonical="d"),
        {f"post:{ENGINES}": 4},
    )
    erased = await draft(LOOMS, BO, "On looms")
    await say(published(LOOMS, BO, erased, "looms"), {f"post:{LOOMS}": 1, f"slug:{BO}/looms": 0}, BO)
    await draft(UNSAID, BO, "Unsaid")
    old = await pen.key(f"post:{OLD}", "post-keys")
    imported = PostImported(
        post_id=OLD,
        author_id=ADA,
        source="a-hash",
        text=Personal(old, PostText(title="Old", body="From elsewhere.\n")),
        address=Personal(old, PostAddress(slug="old")),
        slug_hash="old",
        published=True,
        created_at=datetime(1969, 7, 20, 20, 17, 40, tzinfo=UTC),
        published_at=datetime(2011, 5, 4, 9, 30, tzinfo=UTC),
        at=pen.now(),
    )
    await say(imported, {f"post:{OLD}": 0, f"slug:{ADA}/old": 0})


async def _comments(pen: Pen, kids: Mapping[UUID, UUID]) -> None:
    async def comment(comment: UUID, who: UUID, body: str, parent: UUID | None = None, *, thread: int = 0) -> None:
        posted = CommentPosted(
            comment_id=comment,
            post_id=ENGINES,
            post_author_id=ADA,
            post_version=3,
            author_id=who,
            parent_id=parent,
            text=Personal(kids[who], CommentText(body=body)),
            at=pen.now(),
        )
        reads = {f"thread:{ENGINES}": thread}
        await pen.say(posted, {f"comment:{comment}": 0}, reads=reads, topic="comments", key=str(ENGINES), actor=str(who), request="a-hash")

    await comment(FIRST, BO, "Well *said*.")
    await comment(ANSWER, ADA, "Thanks.", FIRST)
    await comment(OF_CY, CY, "I was here.", FIRST)
    await comment(LATE, BO, "Too late.", thread=1)  # void: the thread is at no such version


async def _closed_commands(pen: Pen) -> None:
    """A command is given up before its record lands, and one after it landed."""
    kid = pen.kid(f"post:{UNSAID}")
    for command, first in ((uuid4(), True), (uuid4(), False)):
        attempt = attempt_id(command, 0)
        text = Personal(kid, PostText(title="Said after all", body="…"))
        revised = PostRevised(post_id=UNSAID, author_id=BO, text=text, at=pen.now())
        closing = CommandClosed(command_id=command, by=str(BO), at=pen.now())
        events: list[tuple[Any, dict[str, int]]] = [(closing, {}), (revised, {f"post:{UNSAID}": 1})]
        for event, expects in events if first else reversed(events):
            await pen.say(event, expects, topic="posts", key=str(BO), attempt=attempt)


async def _void_records(pen: Pen) -> None:
    """A record that comes twice, and records that are not well-formed; each stands in every fact topic that is used."""
    for place, records in list(pen.log.records.items()):
        if place.topic not in {"accounts", "sessions", "posts", "comments"}:
            continue
        record = records[0]
        named = [(name, text) for name, text in record.headers if name not in {"ce_id", "ce_expects"}]
        fresh = ("ce_id", str(uuid4()).encode())
        await pen.again(record)
        await pen.again(record, headers=named)
        await pen.again(record, headers=[*named, fresh, ("ce_expects", b'{"user:x": true}')])
        await pen.again(record, headers=[*named, fresh, ("ce_expects", b'{"user:x": 0, "user:x": 0}')])
        await pen.again(record, headers=[*named, fresh, fresh, ("ce_expects", b"{}")])
        if place.topic != "accounts":
            await pen.again(record, at=Partition(place.topic, (place.number + 1) % 12))


CHAPTERS: dict[str, Callable[[Pen], Awaitable[None]]] = {"1-beginnings": beginnings}
