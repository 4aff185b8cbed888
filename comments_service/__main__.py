"""The service as a process: `python -m comments_service`."""

from comments_service.app import create_app
from comments_service.settings import CommentsSettings
from servicekit.process import run

if __name__ == "__main__":
    run(create_app, CommentsSettings, name="comments_service")
