"""python -m auth_service."""

from auth_service.app import create_app
from auth_service.settings import Settings
from servicekit.process import run

run(create_app, Settings, name="auth_service")
