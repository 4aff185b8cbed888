"""Requests of commenters, each one command, and their replies. The last place that sees a clock."""

from uuid import UUID, uuid5

from aiohttp import web

from comments_service import domain
from comments_service.bodies import Comment, NewComment
from comments_service.projection import Commenter
from comments_service.store import STORE
from eventlog.deciding import Behind, Outcome
from eventlog.handling import VIEW_TIMEOUT
from eventlog.log import OutcomeUnknown, places_of
from events.comments import CommentText
from servicekit.commanding import call, handle
from servicekit.consistency import ASKED
from servicekit.engine import ENGINE
from servicekit.identity import CALLER
from servicekit.operations import operation
from servicekit.replies import reply
from servicekit.requests import body

TOPIC = "comments"

routes = web.RouteTableDef()


@routes.post("/api/comments")
@operation(body=NewComment, returns={201: Comment}, idempotent=True, versioned=True, errors=(404, 409))
async def post_comment(request: web.Request) -> web.Response:
    """Comment on a post, or answer a comment."""
    asked = await body(request, NewComment)
    commenter = await _caller(request)
    post, post_version = await _post(request, asked.post_id)
    made = call(request, topic=TOPIC, key=str(asked.post_id), payload=asked)
    if asked.parent_id is not None and not await request.app[STORE].has_comment(asked.parent_id):
        await request.app[ENGINE].handler.read_to_end(made.place)
    command = domain.PostComment(
        comment_id=uuid5(made.command_id, "comment"),
        post_id=asked.post_id,
        post=post,
        post_version=post_version,
        parent_id=asked.parent_id,
        by=commenter.id,
        kid=commenter.kid,
        text=CommentText(body=asked.body),
        now=made.now,
    )
    outcome = await handle(request, domain.comment_stream(command.comment_id), command, domain.decide, made)
    replies = await _replies(request, outcome, command.comment_id)
    return reply(Comment.of(outcome.state, outcome.version, commenter, replies), 201, version=outcome.version, token=outcome.token)


async def _replies(request: web.Request, outcome: Outcome, comment_id: UUID) -> int:
    """How often a comment was answered: one that was just made, never."""
    if not outcome.repeated:
        return 0
    await request.app[ENGINE].projector.progress.reached(outcome.token, VIEW_TIMEOUT)
    return await request.app[STORE].replies(comment_id)


async def _caller(request: web.Request) -> Commenter:
    """Who asks, with their key. Raises Behind while this service does not know the account."""
    store, user_id = request.app[STORE], request[CALLER].user_id
    commenter = await store.commenter(user_id)
    if commenter is None:
        await _read_to_end(request, "accounts")
        commenter = await store.commenter(user_id)
    if commenter is None:
        raise Behind("your account is not known here yet")
    return commenter


async def _post(request: web.Request, post_id: UUID) -> tuple[domain.Post, int]:
    """What this service knows of a post and its version: at least what the caller has seen, and of one not published all that there is."""
    engine, seen = request.app[ENGINE], request[ASKED]
    if not await engine.projector.progress.reached(seen, VIEW_TIMEOUT):
        raise Behind("the views have not come to what you have seen")
    post, version = await request.app[STORE].post(post_id)
    if not post.published:
        await _read_to_end(request, "posts")
        post, version = await request.app[STORE].post(post_id)
    if not post.published and await engine.ledger.parked([f"post:{post_id}"]):
        raise Behind("what this needs waits for a cure: see `inkctl parked list`", parked=True)
    return post, version


async def _read_to_end(request: web.Request, topic: str) -> None:
    """Wait until the views have passed what a topic holds now. Raises Behind."""
    engine = request.app[ENGINE]
    try:
        ends = await engine.log.ends(places_of([topic]))
    except OutcomeUnknown as error:
        raise Behind(str(error)) from error
    if not await engine.projector.progress.reached(ends, VIEW_TIMEOUT):
        raise Behind(f"the views have not come to the end of {topic}")
