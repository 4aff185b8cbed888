"""Wires the service."""

from aiohttp import web

from comments_service import api
from comments_service.projection import AGGREGATES, PROJECTION
from comments_service.settings import CommentsSettings
from comments_service.store import STORE, Store
from servicekit.app import build_app
from servicekit.commanding import command_routes
from servicekit.engine import add_engine


def create_app(settings: CommentsSettings) -> web.Application:
    """Make the application; it connects when it starts."""
    app = build_app(settings, name="comments", prefix="comments", routes=[*api.routes, *command_routes("comments")])
    engine = add_engine(app, settings, service="comments", projection=PROJECTION, aggregates=AGGREGATES, key_topics=("keys", "post-keys"))
    app[STORE] = Store(engine.serving)
    return app
