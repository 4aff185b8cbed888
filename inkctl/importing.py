"""Taking over the posts of another blog: a replica of posts_service without a port gives the commands."""

import asyncio
import unicodedata
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from pathlib import Path, PurePosixPath
from uuid import uuid4, uuid5

from aiohttp import web
from pydantic import ValidationError

from eventlog.deciding import Behind, Call, Others, Outcome, Unknown
from eventlog.partitioner import partition_of
from eventlog.record import Partition
from eventlog.topics import TOPICS
from events.refusals import Refused
from events.sealing import lookup_hash
from inkctl.failures import Failed
from inkctl.markdown import Skipped, SourcePost, read_files
from posts_service.app import create_app
from posts_service.bodies import NewPost
from posts_service.domain import ImportPost, Post, Stage, decide
from posts_service.projection import Author
from posts_service.settings import PostsSettings
from posts_service.store import STORE
from servicekit.app import CLOCK, ENDING, SETTINGS
from servicekit.engine import ENGINE
from servicekit.health import READINESS

AT_ONCE = 16
TRIES = 5
START_SECONDS = 120.0
LOOK_SECONDS = 0.05
WHAT = "import posts"


class Done(StrEnum):
    """What became of a file."""

    CREATED = "created"
    REVISED = "revised"
    UNCHANGED = "unchanged"


@dataclass
class Summary:
    """What became of every file, and what is to be said about some of them."""

    done: dict[PurePosixPath, Done] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    warnings: list[tuple[PurePosixPath, str]] = field(default_factory=list)
    unknown: dict[str, list[PurePosixPath]] = field(default_factory=dict)

    def count(self, done: Done) -> int:
        """How many files became that."""
        return sum(each is done for each in self.done.values())


@asynccontextmanager
async def replica(settings: PostsSettings) -> AsyncIterator[web.Application]:
    """Run a replica of posts_service without a port, once it has read the log. Raises Failed where it can not."""
    app = create_app(settings)
    runner = web.AppRunner(app)
    reasons: Iterable[str | None] = ()
    try:
        try:
            async with asyncio.timeout(START_SECONDS):
                await runner.setup()
                while any(reasons := (await app[READINESS].reasons()).values()) and app[ENDING].fault is None:  # noqa: ASYNC110 - checks ask others
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            raise _not_running("; ".join(filter(None, reasons))) from None
        except Exception as error:
            raise _not_running(str(error)) from error
        if app[ENDING].fault is not None:
            raise _not_running(str(app[ENDING].fault))
        yield app
    finally:
        await runner.cleanup()


class Importer:
    """Imports files as posts of one author. With `dry_run` it only says what would become of them."""

    def __init__(self, app: web.Application, author: Author, folder: Path, *, dry_run: bool = False) -> None:
        self._engine, self._store, self._clock = app[ENGINE], app[STORE], app[CLOCK]
        self._hash = partial(lookup_hash, app[SETTINGS].lookup_key.get_secret_value())
        self._author = author
        self._folder = folder
        self._dry_run = dry_run
        self.summary = Summary()

    async def take_all(self, files: Sequence[Path], progress: Callable[[int, int], None]) -> Summary:
        """Import every file, some at once. Raises Failed."""
        found = read_files(files, self._folder)
        # What is there decides what a file becomes: all of it, not what the views have come to by now.
        await self._engine.handler.read_to_end(Partition("posts", partition_of(str(self._author.id).encode(), TOPICS["posts"].partitions)))

        async def worker() -> None:
            for each in found:
                reason = each if isinstance(each, Skipped) else await self._take(each)
                self.summary.skipped += [reason] if reason is not None else []
                progress(len(self.summary.done) + len(self.summary.skipped), len(files))

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(AT_ONCE):
                    group.create_task(worker())
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        return self.summary

    async def _take(self, source: SourcePost) -> Skipped | None:
        """Import one post. A reason to skip it comes back."""
        try:
            text = NewPost(title=source.title, body=source.body, tags=source.tags)
        except ValidationError as error:
            fault = error.errors(include_url=False, include_input=False)[0]
            return Skipped(source.path, f"its {fault['loc'][0]} can not be taken: {fault['msg']}")
        try:
            self.summary.done[source.path] = await self._post(source, text)
        except Refused as refused:
            return Skipped(source.path, refused.detail)
        self.summary.warnings += [(source.path, warning) for warning in source.warnings]
        for name in source.unknown:
            self.summary.unknown.setdefault(name, []).append(source.path)
        return None

    async def _post(self, source: SourcePost, text: NewPost) -> Done:
        origin = self._hash(f"source:{self._author.id}", f"markdown:{source.source_id}")
        post_id = uuid5(self._author.id, origin)
        stream = f"post:{post_id}"
        before, version = await self._store.post(post_id)
        is_new = before.stage is Stage.UNWRITTEN
        call = Call(topic="posts", key=str(self._author.id), command_id=uuid4(), actor=str(self._author.id), now=self._clock())
        command = ImportPost(
            post_id=post_id,
            by=self._author.id,
            kid=await self._engine.keys.make(stream, call.command_id) if is_new and not self._dry_run else before.kid,
            source=origin,
            changes={"title": text.title, "body": text.body, "tags": text.tags},
            slug=source.slug,
            created_at=source.created_at,
            published_at=source.published_at,
            hash_of=partial(self._hash, f"slug:{self._author.id}"),
            now=call.now,
        )
        if self._dry_run:
            if is_new:
                return Done.CREATED
            return Done.UNCHANGED if decide(before, command, Others({})) is None else Done.REVISED
        outcome = await self._insist(stream, command, call)
        self._compare(source, outcome.state, is_new=is_new)
        if is_new:
            return Done.CREATED
        return Done.UNCHANGED if outcome.version == version else Done.REVISED

    async def _insist(self, stream: str, command: ImportPost, call: Call) -> Outcome:
        """Give a command until it is known what became of it: it takes effect once, however often it is given."""
        for _ in range(TRIES):
            try:
                return await self._engine.handler.handle(stream, command, decide, call)
            except (Behind, Unknown):
                call = replace(call, repeatable=True)
        raise Failed(
            WHAT, "the log or the database does not answer in time", "run it again once `inkctl status` is well: nothing is doubled"
        )

    def _compare(self, source: SourcePost, post: Post, *, is_new: bool) -> None:
        """Warn of what is not here as it is there."""
        if is_new and post.slug != source.slug:
            self.summary.warnings.append((source.path, f"another post has the address {source.slug}; this one is at {post.slug}"))
        if not source.draft and post.stage is Stage.DRAFT:
            self.summary.warnings.append((source.path, "it is published there and a draft here; publish it here if you want it so"))
        if source.draft and post.stage is Stage.PUBLISHED:
            self.summary.warnings.append((source.path, "it is a draft there and published here, and stays so"))


async def author_called(app: web.Application, handle: str) -> Author:
    """Find the account with a handle. Raises Failed where there is none."""
    name = unicodedata.normalize("NFC", handle.strip().removeprefix("@")).lower()
    await app[ENGINE].handler.read_to_end(Partition("accounts", 0))
    key = app[SETTINGS].lookup_key.get_secret_value()
    author = await app[STORE].author_by_handle(lookup_hash(key, "handle", name))
    if author is None:
        raise Failed(WHAT, f"there is no account @{name}", "sign up with this handle first, or give the handle of an account that exists")
    return author


def _not_running(why: str) -> Failed:
    return Failed(WHAT, f"Inkstream does not answer: {why}", "start it by `make up`, or see `inkctl status`")
