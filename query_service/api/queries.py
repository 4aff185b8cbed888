"""Reads as JSON. Everything here is public: whoever asks gets the same."""

from aiohttp import web

from query_service.api.answers import CACHE, READING, tagged
from query_service.bodies import Article, Comment, Entry, Posts, Profile
from servicekit.consistency import observe
from servicekit.operations import Auth, operation
from servicekit.replies import Page, Paging, reply, reply_page
from servicekit.requests import path_id, path_text, query

routes = web.RouteTableDef()


@routes.get("/api/query/posts")
@operation(query=Posts, returns={200: Page[Entry], 304: None}, auth=Auth.NONE, versioned=True)
async def list_posts(request: web.Request) -> web.Response:
    """List the latest posts."""
    asked = query(request, Posts)
    await observe(request)
    return tagged(request, reply_page(request, asked, await request.app[READING].posts(asked), cache=CACHE))


@routes.get("/api/query/posts/{post_id:[0-9a-fA-F-]{36}}/comments")  # no handle has hyphens, or so many characters
@operation(query=Paging, returns={200: Page[Comment], 304: None}, auth=Auth.NONE, versioned=True)
async def list_comments(request: web.Request) -> web.Response:
    """List the comments on a post, in thread order."""
    asked = query(request, Paging)
    post_id = path_id(request, "post_id")
    await observe(request)
    return tagged(request, reply_page(request, asked, await request.app[READING].comments(post_id, asked), cache=CACHE))


@routes.get("/api/query/posts/{author}/{slug}")
@operation(returns={200: Article, 304: None}, auth=Auth.NONE, versioned=True)
async def show_post(request: web.Request) -> web.Response:
    """Show a post and its first comments."""
    author, slug = path_text(request, "author"), path_text(request, "slug")
    await observe(request)
    return tagged(request, reply(await request.app[READING].article(author, slug), cache=CACHE))


@routes.get("/api/query/users/{handle}")
@operation(returns={200: Profile, 304: None}, auth=Auth.NONE, versioned=True)
async def show_user(request: web.Request) -> web.Response:
    """Show a person."""
    handle = path_text(request, "handle")
    await observe(request)
    return tagged(request, reply(await request.app[READING].profile(handle), cache=CACHE))
