"""What the service is told by its environment."""

from servicekit.settings import Settings


class CommentsSettings(Settings):
    """What every service needs, and nothing more."""
