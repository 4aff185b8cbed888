"""What auth_service is told by its environment, beside what every service is told."""

from aiohttp import web
from pydantic import Field

from servicekit.settings import KeyBytes
from servicekit.settings import Settings as Common


class Settings(Common):
    """The settings of auth_service."""

    credentials_kek: KeyBytes = Field(description="the key that wraps the keys of credentials: 32 bytes in base64url")


SETTINGS: web.AppKey[Settings] = web.AppKey("AUTH_SETTINGS", Settings)
