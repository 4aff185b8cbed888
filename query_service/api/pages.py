"""Reads as pages, for browsers and whoever else reads HTML."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from aiohttp import web

from events.refusals import REFUSAL_CODES, NotFound
from query_service.api.answers import CACHE, READING, as_json, tagged
from query_service.bodies import Posts, ProfilePage
from query_service.pages import POLICY, Document, Pages
from query_service.pages.assets import Assets
from servicekit import problems
from servicekit.consistency import observe
from servicekit.problems import Handler, Problem
from servicekit.requests import path_text, query

PAGES: web.AppKey[Pages] = web.AppKey("PAGES", Pages)
ASSETS: web.AppKey[Assets] = web.AppKey("ASSETS", Assets)

DOCUMENTS: Final = (
    Document("/api/auth/openapi.json", "accounts and sessions"),
    Document("/api/posts/openapi.json", "what authors do with their posts"),
    Document("/api/comments/openapi.json", "what readers say"),
    Document("/api/query/openapi.json", "what everybody reads"),
)
ROBOTS: Final = "User-agent: *\nDisallow: /sign-in\nDisallow: /sign-up\nDisallow: /write\nDisallow: /drafts\n"
_HANDLE: Final = re.compile(r"[A-Za-z0-9_]{3,30}")
_NOT_THERE: Final = frozenset({404, 410})

routes = web.RouteTableDef()


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer who came for a page with a page, also where there is none or something is wrong."""
    if request.method not in {"GET", "HEAD"} or request.path.startswith("/api/"):
        return await handler(request)
    try:
        return await handler(request)
    except Exception as exception:  # noqa: BLE001 - told, and logged where the fault is ours, like every exception; redirects pass
        problem = problems.answer(request, exception)
        if not isinstance(problem, web.Response) or not isinstance(problem.body, bytes):
            return problem
        write = request.app[PAGES].not_found if problem.status in _NOT_THERE else request.app[PAGES].failed
        kept = {name: problem.headers[name] for name in ("Cache-Control", "Retry-After") if name in problem.headers}
        return _html(write(problem.body), problem.status, kept)


@routes.get("/")
async def home(request: web.Request) -> web.Response:
    """Show the latest posts."""
    asked = Posts(cursor=query(request, Posts).cursor)
    await observe(request)
    posts = await request.app[READING].posts(asked)
    return _page(request, request.app[PAGES].home(as_json(posts)))


@routes.get("/@{handle}")
async def profile(request: web.Request) -> web.Response:
    """Show a person and their posts."""
    handle = _handle(request)
    asked = Posts(cursor=query(request, Posts).cursor)
    await observe(request)
    user, posts = await request.app[READING].profile_page(handle, asked)
    return _page(request, request.app[PAGES].profile(as_json(ProfilePage(user=user, posts=posts))))


@routes.get("/@{handle}/{slug}")
async def article(request: web.Request) -> web.Response:
    """Show a post with its comments."""
    slug = path_text(request, "slug")
    handle = _handle(request, f"/{quote(slug, safe='')}")
    await observe(request)
    post = await request.app[READING].article(handle, slug)
    return _page(request, request.app[PAGES].article(as_json(post)))


@routes.get("/@{handle}/")
@routes.get("/@{handle}/{slug}/")
async def without_slash(request: web.Request) -> web.Response:
    """Lead to the address without the slash."""
    asked = request.rel_url.raw_query_string
    location = request.rel_url.raw_path.rstrip("/") + (f"?{asked}" if asked else "")
    raise web.HTTPMovedPermanently(location, headers={"Cache-Control": CACHE})


@routes.get("/sign-in")
@routes.get("/sign-up")
@routes.get("/drafts")
@routes.get("/write")
@routes.get("/write/{id}")
async def shell(request: web.Request) -> web.Response:
    """Show the frame that the app fills."""
    return _page(request, request.app[PAGES].shell())


@routes.get("/problems/{code}")
async def problem(request: web.Request) -> web.Response:
    """Explain a kind of problem."""
    code = request.match_info["code"]
    if code not in REFUSAL_CODES:
        raise NotFound("there is no such kind of problem")
    return _page(request, request.app[PAGES].problem(code, Problem(0, code, "").title, REFUSAL_CODES[code]))


@routes.get("/api/docs")
async def docs(request: web.Request) -> web.Response:
    """Show where the API is described."""
    return _page(request, request.app[PAGES].docs(DOCUMENTS, REFUSAL_CODES))


@routes.get("/favicon.ico")
async def favicon(request: web.Request) -> web.Response:
    """Show browsers that do not read the head of a page where the icon is."""
    built = request.app[ASSETS].built
    if built is None:
        raise NotFound("the web app is not built")
    raise web.HTTPFound(built.icon, headers={"Cache-Control": CACHE})


@routes.get("/robots.txt")
async def robots(request: web.Request) -> web.Response:
    """Keep crawlers from what is empty without an account."""
    return tagged(request, web.Response(body=ROBOTS.encode(), content_type="text/plain", charset="utf-8", headers={"Cache-Control": CACHE}))


def _handle(request: web.Request, rest: str = "") -> str:
    """Read the handle of the path; one with capitals stands at another address."""
    handle = request.match_info["handle"]
    if _HANDLE.fullmatch(handle) is None:
        raise NotFound("nobody has this handle")
    if handle != handle.lower():
        asked = request.rel_url.raw_query_string
        location = f"/@{handle.lower()}{rest}{'?' if asked else ''}{asked}"
        raise web.HTTPMovedPermanently(location, headers={"Cache-Control": CACHE})
    return handle


def _page(request: web.Request, html: str) -> web.Response:
    return tagged(request, _html(html, 200, {"Cache-Control": CACHE}))


def _html(html: str, status: int, headers: Mapping[str, str]) -> web.Response:
    policy = {"Content-Security-Policy": POLICY}
    return web.Response(body=html.encode(), status=status, content_type="text/html", charset="utf-8", headers={**policy, **headers})
