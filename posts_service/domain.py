"""What authors do with their posts: commands, states, decisions, and what facts make of a state. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from eventlog.deciding import Decision, Others
from events.base import Personal
from events.posts import PostAddress, PostDrafted, PostEvent, PostImported, PostPublished, PostRevised, PostText, RevisionNote
from events.refusals import Conflict, Invalid, NotFound
from prose import slug

NOBODY = UUID(int=0)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_TEXT = tuple(each.name for each in fields(PostText))
_NUMBERED = range(2, 10)  # what an address gets when another post has it; after these it gets a part of the post's id

HashOf = Callable[[str], str]  # the keyed hash that stands for a slug of this author in a stream's name


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPost:
    """Begin a post. `kid` is its own data key."""

    post_id: UUID
    by: UUID
    kid: UUID
    text: PostText
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisePost:
    """Change some fields of the text."""

    by: UUID
    changes: Mapping[str, Any]
    note: str = ""
    minor: bool = False
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishPost:
    """Show the post to everyone, at an address that is given or made of its title."""

    by: UUID
    slug: str | None = None
    note: str = ""
    hash_of: HashOf = field(repr=False)
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPost:
    """Take over a post from elsewhere, with its own dates; what has changed there since the last time is a revision here."""

    post_id: UUID
    by: UUID
    kid: UUID
    source: str
    changes: Mapping[str, Any]
    slug: str
    created_at: datetime
    published_at: datetime | None
    hash_of: HashOf = field(repr=False)
    now: datetime


PostCommand = DraftPost | RevisePost | PublishPost | ImportPost


class Stage(StrEnum):
    """How far a post has come."""

    UNWRITTEN = "unwritten"
    DRAFT = "draft"
    PUBLISHED = "published"


@dataclass(frozen=True, kw_only=True)
class Post:
    """A post as it is now. `slug` is its address once it is published; a draft that was imported may have one reserved."""

    stage: Stage = Stage.UNWRITTEN
    post_id: UUID = NOBODY
    author_id: UUID = NOBODY
    kid: UUID = NOBODY
    title: str = ""
    body: str = ""
    tags: tuple[str, ...] = ()
    excerpt: str | None = None
    cover: str | None = None
    canonical: str | None = None
    language: str | None = None
    slug: str | None = None
    created_at: datetime = NEVER
    published_at: datetime | None = None
    revised_at: datetime | None = None
    touched_at: datetime = NEVER  # when something last happened to it; an import happened when the post was made elsewhere

    @property
    def text(self) -> PostText:
        """All that the author wrote."""
        return PostText(**{name: getattr(self, name) for name in _TEXT})


@dataclass(frozen=True, kw_only=True)
class Slug:
    """An address of one author's: which post has it, for ever."""

    post_id: UUID | None = None


def decide(post: Post, command: PostCommand, others: Others) -> Decision[PostEvent] | None:
    """Decide a command on a post; the others are slugs. None: it is so already. Raises Refused."""
    match command:
        case DraftPost():
            return _draft(post, command)
        case RevisePost():
            return _revise(post, command)
        case PublishPost():
            return _publish(post, command, others)
        case ImportPost():
            return _import(post, command, others)


def evolve(post: Post, event: PostEvent) -> Post:
    """What a post becomes by a fact. Never looks at what the text says: an erased one reads as nothing."""
    match event:
        case PostDrafted():
            begun = Post(stage=Stage.DRAFT, post_id=event.post_id, author_id=event.author_id, kid=event.text.kid)
            return _with_text(begun, event.text, created_at=event.at, touched_at=event.at)
        case PostRevised():
            return _with_text(post, event.text, revised_at=event.at, touched_at=event.at)
        case PostPublished():
            address = event.address.value.slug
            return replace(post, stage=Stage.PUBLISHED, slug=address, published_at=event.at, touched_at=event.at)
        case PostImported():
            begun = Post(
                stage=Stage.PUBLISHED if event.published else Stage.DRAFT,
                post_id=event.post_id,
                author_id=event.author_id,
                kid=event.text.kid,
                slug=event.address.value.slug if event.address is not None else None,
                published_at=event.published_at,
            )
            return _with_text(begun, event.text, created_at=event.created_at, touched_at=event.published_at or event.created_at)


def evolve_slug(slug: Slug, event: PostEvent) -> Slug:
    """Say which post has an address, by a fact that claims it."""
    del slug
    return Slug(post_id=event.post_id)


def slug_stream(author_id: UUID, slug_hash: str) -> str:
    """The stream of an author's address."""
    return f"slug:{author_id}/{slug_hash}"


def _draft(post: Post, command: DraftPost) -> Decision[PostEvent] | None:
    if post.stage is not Stage.UNWRITTEN:
        return None
    text = Personal(command.kid, command.text)
    return Decision(PostDrafted(post_id=command.post_id, author_id=command.by, text=text, at=command.now))


def _revise(post: Post, command: RevisePost) -> Decision[PostEvent] | None:
    _refuse_strangers(post, command.by)
    return _revision(post, command.changes, command.now, note=command.note, minor=command.minor)


def _publish(post: Post, command: PublishPost, others: Others) -> Decision[PostEvent] | None:
    _refuse_strangers(post, command.by)
    if post.stage is Stage.PUBLISHED:
        if command.slug in (None, post.slug):
            return None
        raise Conflict("the post is published at another address already")
    if not post.title:
        raise Invalid("a post needs a title before it is published", errors=[("/title", "the post has none yet")])
    wanted = [command.slug] if command.slug is not None else _addresses(post.slug or slug(post.title), post.post_id)
    address, slug_hash = _free(wanted, post.post_id, post.author_id, command.hash_of, others)
    published = PostPublished(
        post_id=post.post_id,
        author_id=post.author_id,
        slug_hash=slug_hash,
        address=Personal(post.kid, PostAddress(slug=address)),
        note=_note(post, command.note),
        at=command.now,
    )
    return Decision(published, claims=[slug_stream(post.author_id, slug_hash)])


def _import(post: Post, command: ImportPost, others: Others) -> Decision[PostEvent] | None:
    if post.stage is not Stage.UNWRITTEN:
        return _revision(post, command.changes, command.now)
    wanted = _addresses(command.slug, command.post_id)
    address, slug_hash = _free(wanted, command.post_id, command.by, command.hash_of, others)
    imported = PostImported(
        post_id=command.post_id,
        author_id=command.by,
        source=command.source,
        text=Personal(command.kid, replace(post.text, **command.changes)),
        address=Personal(command.kid, PostAddress(slug=address)),
        slug_hash=slug_hash,
        published=command.published_at is not None,
        created_at=command.created_at,
        published_at=command.published_at,
        at=command.now,
    )
    return Decision(imported, claims=[slug_stream(command.by, slug_hash)])


def _refuse_strangers(post: Post, by: UUID) -> None:
    if post.stage is Stage.UNWRITTEN or post.author_id != by:
        raise NotFound("you have no such post")


def _revision(post: Post, changes: Mapping[str, Any], now: datetime, *, note: str = "", minor: bool = False) -> Decision[PostEvent] | None:
    text = replace(post.text, **changes)
    if text == post.text:
        return None
    if post.stage is Stage.PUBLISHED and not text.title:
        raise Invalid("a published post keeps a title", errors=[("/title", "must not be empty")])
    sealed = Personal(post.kid, text)
    revised = PostRevised(post_id=post.post_id, author_id=post.author_id, text=sealed, note=_note(post, note), minor=minor, at=now)
    return Decision(revised)


def _addresses(wanted: str, post_id: UUID) -> Iterator[str]:
    """The addresses that will do, the best one first."""
    yield wanted
    yield from (f"{wanted}-{number}" for number in _NUMBERED)
    yield f"{wanted}-{post_id.hex[:8]}"


def _free(wanted: Iterator[str] | list[str], post_id: UUID, author_id: UUID, hash_of: HashOf, others: Others) -> tuple[str, str]:
    """The first address that no other post of the author's has or ever had, and its hash."""
    for address in wanted:
        slug_hash = hash_of(address)
        if others[slug_stream(author_id, slug_hash)].post_id in (None, post_id):
            return address, slug_hash
    raise Conflict("another post of yours has this address, or had it before", code="slug-taken")


def _note(post: Post, note: str) -> Personal[RevisionNote] | None:
    return Personal(post.kid, RevisionNote(text=note)) if note else None


def _with_text(post: Post, text: Personal[PostText], **more: Any) -> Post:
    return replace(post, **vars(text.value), **more)
