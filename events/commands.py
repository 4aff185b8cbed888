"""Facts about commands themselves, which may stand in any fact topic.

Names and types here are the storage format: add a field with a default, or a new event with the next version.
"""

from datetime import datetime
from uuid import UUID

from events.base import Event, event


@event("inkstream.command.closed.v1")
class CommandClosed(Event):
    """The one who sent the command gave it up: no attempt of it that lands later counts."""

    command_id: UUID
    by: str  # the actor, as the header `ce_actor` names it
    at: datetime


CommandEvent = CommandClosed
