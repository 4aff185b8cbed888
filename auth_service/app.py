"""Wires auth_service: the only place that does."""

from collections.abc import AsyncIterator

from aiohttp import web

from auth_service.api import routes
from auth_service.passwords import PASSWORDS, Passwords
from auth_service.projection import AGGREGATES, PROJECTION
from auth_service.settings import SETTINGS, Settings
from auth_service.store import ACCOUNTS, REFRESH_TOKENS, Accounts, RefreshTokens
from servicekit.app import build_app
from servicekit.engine import add_engine
from servicekit.limits import RATES, Rates
from servicekit.telemetry import METRICS


def create_app(settings: Settings) -> web.Application:
    """Make the service; nothing is connected before it starts."""
    app = build_app(settings, name="auth", prefix="auth", routes=routes)
    engine = add_engine(app, settings, service="auth", projection=PROJECTION, aggregates=AGGREGATES, own_keys="keys")
    app[SETTINGS] = settings
    app[ACCOUNTS] = Accounts(engine.serving)
    app[REFRESH_TOKENS] = RefreshTokens(engine.ledger.database.client[f"{settings.database_prefix}auth_local"])
    app[PASSWORDS] = passwords = Passwords()
    app[METRICS].gauge("inkstream_passwords_waiting", "Passwords that wait to be hashed or checked", lambda: passwords.waiting)
    app[RATES] = Rates(settings)

    async def keep(app: web.Application) -> AsyncIterator[None]:
        await app[REFRESH_TOKENS].prepare()
        await engine.signing.ensure()
        yield
        app[PASSWORDS].close()

    app.cleanup_ctx.append(keep)
    return app
