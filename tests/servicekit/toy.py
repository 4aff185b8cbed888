"""A service with one of everything, for the tests of the frame."""

import base64
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import AwareDatetime, Field

from eventlog.progress import Progress, Token
from eventlog.record import Partition
from events.refusals import Gone, NotFound, Stale
from servicekit.app import build_app
from servicekit.consistency import ASKED, PROGRESS, observe
from servicekit.identity import CALLER, VERIFIER, Caller, Verifier
from servicekit.operations import Auth, operation
from servicekit.replies import After, Page, Paging, reply, reply_page
from servicekit.requests import Body, Representation, body, header_text, if_match, path_id, path_text, query
from servicekit.settings import Settings
from servicekit.text import Text

KEY = base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")
ENVIRONMENT = {
    "INKSTREAM_KAFKA": "127.0.0.1:9092",
    "INKSTREAM_MONGO": "mongodb://somebody:secret@127.0.0.1/",
    "INKSTREAM_PORT": "0",
    "INKSTREAM_PUBLIC_URL": "https://blog.example/",
    "INKSTREAM_KEK": KEY,
    "INKSTREAM_LOOKUP_KEY": KEY,
}
PLACE = Partition("posts", 3)
ID = UUID("6b1e0f1c-7c5e-4c39-9d4e-0f7a3f2d1b11")


class NoteBody(Body):
    title: Annotated[str, Text(min=1, max=20, lines=False)]
    text: Annotated[str, Text(max=1000)] = ""
    tags: Annotated[tuple[str, ...], Field(max_length=5)] = ()
    weight: float | None = None
    at: AwareDatetime | None = None
    about: UUID | None = None


class AnyBody(Body):
    reason: str | None = None


class Note(Representation):
    """A note."""

    id: UUID
    title: str
    text: str
    at: AwareDatetime | None


class Newest(After):
    at: AwareDatetime
    id: UUID


class Notes(Paging):
    tag: Annotated[str | None, Text(max=30, lines=False)] = None


routes = web.RouteTableDef()


@routes.post("/api/toy")
@operation(body=NoteBody, returns={201: Note}, auth=Auth.NONE, idempotent=True, versioned=True)
async def create(request: web.Request) -> web.Response:
    """Make a note."""
    asked = await body(request, NoteBody)
    return reply(Note(id=ID, title=asked.title, text=asked.text, at=asked.at), 201, version=1, token=Token({PLACE: 5}))


@routes.patch("/api/toy/{note_id}")
@operation(body=NoteBody, returns={200: Note}, auth=Auth.NONE, idempotent=True, if_match=True, versioned=True)
async def revise(request: web.Request) -> web.Response:
    """Change a note."""
    path_id(request, "note_id")
    asked = await body(request, NoteBody)
    if if_match(request) not in (None, 3):
        raise Stale("the note has changed", current_version=3)
    return reply(Note(id=ID, title=asked.title, text=asked.text, at=None), version=4)


@routes.get("/api/toy/{note_id}")
@operation(returns={200: Note}, auth=Auth.OPTIONAL)
async def show(request: web.Request) -> web.Response:
    """Show a note."""
    if path_id(request, "note_id") != ID:
        raise NotFound("there is no such note")
    await observe(request)
    return reply(Note(id=ID, title="A note", text=header_text(request, "User-Agent"), at=None), version=3)


@routes.get("/api/toy")
@operation(query=Notes, returns={200: Page[Note]}, auth=Auth.NONE)
async def listed(request: web.Request) -> web.Response:
    """List the notes."""
    asked = query(request, Notes)
    after = Newest.of(asked.cursor)
    onward = Newest(at=datetime(2024, 1, 2, tzinfo=UTC), id=ID).cursor() if after is None else None
    return reply_page(request, asked, Page[Note](items=(Note(id=ID, title=asked.tag or "", text="", at=None),) * asked.limit, next=onward))


@routes.delete("/api/toy/{note_id}")
@operation(body=AnyBody, returns={204: None})
async def remove(request: web.Request) -> web.Response:
    """Remove a note."""
    await body(request, AnyBody)
    assert request[CALLER].role
    return reply(None)


@routes.get("/api/toy/by/{handle}/{slug}")
@operation(returns={200: Note}, auth=Auth.NONE)
async def named(request: web.Request) -> web.Response:
    """Show a note by its name."""
    return reply(Note(id=ID, title=path_text(request, "handle"), text=path_text(request, "slug"), at=None))


@routes.get("/api/toy/faults/{kind}")
async def fault(request: web.Request) -> web.Response:
    match request.match_info["kind"]:
        case "gone":
            raise Gone("it was removed")
        case "moved":
            raise web.HTTPMovedPermanently("/elsewhere")
        case "slow":
            raise TimeoutError
        case "asked":
            return web.Response(text=str(request[ASKED]))
        case _:
            raise RuntimeError("a secret of the house")


class Nobody:
    """Knows no key, and of nobody that was revoked: every token is a stranger's."""

    ready = True

    def public_key(self, kid: str) -> None:
        del kid

    def refuse(self, caller: Caller) -> bool:
        del caller
        return False


def settings(**changes: str) -> Settings:
    return Settings.from_environment(ENVIRONMENT | changes)


def toy(progress: Progress | None = None) -> web.Application:
    app = build_app(settings(), name="toy", prefix="toy", routes=routes)
    app[PROGRESS] = progress or Progress([PLACE])
    app[VERIFIER] = Verifier(Nobody(), Nobody(), lambda: datetime.now(UTC))
    return app
