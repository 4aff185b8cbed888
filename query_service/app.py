"""Puts the service together; the only place that does."""

from aiohttp import web

from query_service.api import pages, routes
from query_service.api.answers import READING
from query_service.api.pages import ASSETS, PAGES
from query_service.api.reading import Reading
from query_service.pages import Pages
from query_service.pages.assets import Assets
from query_service.projection import AGGREGATES, PROJECTION
from query_service.settings import Settings
from query_service.store import Store
from servicekit.app import build_app
from servicekit.engine import add_engine
from servicekit.health import READINESS


def create_app(settings: Settings) -> web.Application:
    """Make the service."""
    app = build_app(settings, name="query", prefix="query", routes=routes)
    app.middlewares.append(pages.middleware)
    engine = add_engine(app, settings, service="query", projection=PROJECTION, aggregates=AGGREGATES, key_topics=("keys", "post-keys"))
    app[READING] = Reading(Store(engine.serving), settings.public_url)
    assets = app[ASSETS] = Assets(settings.assets)
    app[PAGES] = Pages(assets, settings.public_url)

    async def built() -> str | None:
        return assets.look()

    app[READINESS].add("assets", built)
    return app
