"""Requests of authors, each one command or one question, and their replies. The last place that sees a clock."""

import asyncio
from dataclasses import asdict
from functools import partial
from uuid import UUID, uuid5

from aiohttp import web

from eventlog.deciding import Behind, Outcome
from eventlog.record import Partition
from events.posts import PostText
from events.refusals import NotFound
from events.sealing import lookup_hash
from posts_service import domain
from posts_service.bodies import (
    Heading,
    MyPosts,
    NewPost,
    Post,
    PostChanges,
    PostSummary,
    Preview,
    PreviewText,
    Publishing,
    Touched,
)
from posts_service.projection import Author
from posts_service.store import STORE
from prose import render
from servicekit.app import SETTINGS
from servicekit.commanding import call, handle
from servicekit.consistency import observe
from servicekit.engine import ENGINE
from servicekit.identity import CALLER
from servicekit.operations import operation
from servicekit.replies import Page, reply, reply_page
from servicekit.requests import body, path_id, query

TOPIC = "posts"
_ACCOUNTS = Partition("accounts", 0)

routes = web.RouteTableDef()


@routes.post("/api/posts")
@operation(body=NewPost, returns={201: Post}, idempotent=True, versioned=True)
async def draft(request: web.Request) -> web.Response:
    """Begin a draft."""
    asked = await body(request, NewPost)
    author = await _caller(request)
    made = call(request, topic=TOPIC, key=str(author.id), payload=asked)
    post_id = uuid5(made.command_id, "post")
    command = domain.DraftPost(
        post_id=post_id,
        by=author.id,
        kid=await request.app[ENGINE].keys.make(_stream(post_id), made.command_id),
        text=PostText(**dict(asked)),
        now=made.now,
    )
    return _reply(request, await handle(request, _stream(post_id), command, domain.decide, made), author, status=201)


@routes.get("/api/posts/mine")
@operation(query=MyPosts, returns={200: Page[PostSummary]})
async def mine(request: web.Request) -> web.Response:
    """List the caller's posts, those first to which something happened last."""
    asked = query(request, MyPosts)
    cursor = Touched.of(asked.cursor)
    await observe(request)
    author = await _caller(request)
    found = await request.app[STORE].posts_of(author.id, asked.stage, cursor.place if cursor is not None else None, asked.limit + 1)
    url = request.app[SETTINGS].public_url
    items = tuple(PostSummary.of(post, version, author, url) for post, version in found[: asked.limit])
    onward = Touched.by(found[asked.limit - 1][0]).cursor() if len(found) > asked.limit else None
    return reply_page(request, asked, Page[PostSummary](items=items, next=onward))


@routes.get("/api/posts/{post_id}")
@operation(returns={200: Post}, versioned=True, errors=(404,))
async def show(request: web.Request) -> web.Response:
    """Show a post of the caller's."""
    post_id = path_id(request, "post_id")
    await observe(request)
    post, version = await request.app[STORE].post(post_id)
    if post.author_id != request[CALLER].user_id:
        raise NotFound("you have no such post")
    author = await _caller(request)
    return reply(Post.of(post, version, author, request.app[SETTINGS].public_url), version=version)


@routes.patch("/api/posts/{post_id}")
@operation(body=PostChanges, returns={200: Post}, idempotent=True, if_match=True, versioned=True, errors=(404,))
async def revise(request: web.Request) -> web.Response:
    """Change what the body names."""
    post_id = path_id(request, "post_id")
    asked = await body(request, PostChanges)
    author = await _caller(request)
    made = call(request, topic=TOPIC, key=str(author.id), payload=asked)
    command = domain.RevisePost(by=author.id, changes=asked.changes(), note=asked.note, minor=asked.minor, now=made.now)
    return _reply(request, await handle(request, _stream(post_id), command, domain.decide, made), author)


@routes.post("/api/posts/{post_id}/publish")
@operation(body=Publishing, returns={200: Post}, idempotent=True, versioned=True, errors=(404, 409))
async def publish(request: web.Request) -> web.Response:
    """Show a draft to everyone, at an address that stays its own."""
    post_id = path_id(request, "post_id")
    asked = await body(request, Publishing)
    author = await _caller(request)
    made = call(request, topic=TOPIC, key=str(author.id), payload=asked)
    key = request.app[SETTINGS].lookup_key.get_secret_value()
    hash_of = partial(lookup_hash, key, f"slug:{author.id}")
    command = domain.PublishPost(by=author.id, slug=asked.slug, note=asked.note, hash_of=hash_of, now=made.now)
    return _reply(request, await handle(request, _stream(post_id), command, domain.decide, made), author)


@routes.post("/api/posts/preview")
@operation(body=PreviewText, returns={200: Preview})
async def preview(request: web.Request) -> web.Response:
    """Show a text as readers would see it; nothing is kept."""
    asked = await body(request, PreviewText)
    rendered = await asyncio.to_thread(render, asked.body)  # a long text takes long enough to keep others waiting
    return reply(
        Preview(
            html=rendered.html,
            toc=tuple(Heading(**asdict(heading)) for heading in rendered.toc),
            words=rendered.words,
            reading_minutes=rendered.reading_minutes,
            excerpt=rendered.excerpt,
        )
    )


async def _caller(request: web.Request) -> Author:
    """Who asks, as a reader would see them. Raises Behind while this service does not know the account."""
    store, user_id = request.app[STORE], request[CALLER].user_id
    author = await store.author(user_id)
    if author is None:
        await request.app[ENGINE].handler.read_to_end(_ACCOUNTS)
        author = await store.author(user_id)
    if author is None:
        raise Behind("your account is not known here yet")
    return author


def _reply(request: web.Request, outcome: Outcome, author: Author, *, status: int = 200) -> web.Response:
    shown = Post.of(outcome.state, outcome.version, author, request.app[SETTINGS].public_url)
    return reply(shown, status, version=outcome.version, token=outcome.token)


def _stream(post_id: UUID) -> str:
    return f"post:{post_id}"
