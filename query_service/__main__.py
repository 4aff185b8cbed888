"""Runs the service: `python -m query_service`."""

from query_service.app import create_app
from query_service.settings import Settings
from servicekit.process import run

if __name__ == "__main__":
    run(create_app, Settings, name="query_service")
