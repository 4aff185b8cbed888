"""What auth_service answers: a request becomes one command or query, and a reply."""

from aiohttp import web

from auth_service.api.accounts import me, public_keys, register
from auth_service.api.sessions import login, logout, refresh
from servicekit.commanding import command_routes

routes: tuple[web.RouteDef, ...] = (
    web.post("/api/auth/register", register),
    web.post("/api/auth/login", login),
    web.post("/api/auth/refresh", refresh),
    web.post("/api/auth/logout", logout),
    web.get("/api/auth/me", me),
    web.get("/.well-known/jwks.json", public_keys),
    *command_routes("auth"),
)
