"""The service as a process: `python -m posts_service`."""

from posts_service.app import create_app
from posts_service.settings import PostsSettings
from servicekit.process import run

if __name__ == "__main__":
    run(create_app, PostsSettings, name="posts_service")
