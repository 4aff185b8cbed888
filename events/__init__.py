"""The shared language: what may be said on the log, how it is written there, and how a wish is refused.

Importing the package makes every event known to `events.base.types`.
"""

from events import accounts, commands, comments, jwks, keys, posts, sessions

__all__ = ["accounts", "commands", "comments", "jwks", "keys", "posts", "sessions"]
