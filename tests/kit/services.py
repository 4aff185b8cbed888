"""The four services, to be run in the test's own process."""

import base64
from collections.abc import Callable
from typing import Any

from aiohttp import web

import auth_service.app
import auth_service.settings
import comments_service.app
import comments_service.settings
import posts_service.app
import posts_service.settings
import query_service.app
import query_service.settings
from tests.kit.installation import CREDENTIALS_KEK, Installation

SERVICES: dict[str, tuple[Callable[[Any], web.Application], Any]] = {
    "auth": (auth_service.app.create_app, auth_service.settings.Settings),
    "posts": (posts_service.app.create_app, posts_service.settings.PostsSettings),
    "comments": (comments_service.app.create_app, comments_service.settings.CommentsSettings),
    "query": (query_service.app.create_app, query_service.settings.Settings),
}


def service(name: str, site: Installation, **more: Any) -> web.Application:
    """Make a replica of a service; it connects when it starts. `more` are settings of its own."""
    create_app, settings = SERVICES[name]
    secrets = {"credentials_kek": base64.urlsafe_b64encode(CREDENTIALS_KEK).decode()} if name == "auth" else {}
    return create_app(settings.model_validate({**site.settings, **secrets, **more}))
