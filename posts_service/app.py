"""Wires the service."""

from aiohttp import web

from posts_service import api
from posts_service.projection import AGGREGATES, PROJECTION
from posts_service.settings import PostsSettings
from posts_service.store import STORE, Store
from servicekit.app import build_app
from servicekit.commanding import command_routes
from servicekit.engine import add_engine


def create_app(settings: PostsSettings) -> web.Application:
    """Make the application; it connects when it starts."""
    app = build_app(settings, name="posts", prefix="posts", routes=[*api.routes, *command_routes("posts")])
    engine = add_engine(
        app,
        settings,
        service="posts",
        projection=PROJECTION,
        aggregates=AGGREGATES,
        key_topics=("keys", "post-keys"),
        own_keys="post-keys",
    )
    app[STORE] = Store(engine.serving)
    return app
