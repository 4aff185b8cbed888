"""How pages say things: dates, numbers, initials, threads, and data that a script reads. The app says them the same way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from markupsafe import Markup

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DEEPEST: Final = 3  # levels of answers that are indented; further ones stand at the last


@dataclass(slots=True)
class Node:
    """A comment and the answers that are shown below it."""

    comment: Mapping[str, Any]
    answers: "list[Node]" = field(default_factory=list)


def day(time: str) -> str:
    """The day of a time as the API writes it, in UTC: `12 Nov 2026`."""
    at = datetime.fromisoformat(time)
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


def counted(number: int, one: str) -> str:
    """`1 comment`, `1,204 comments`."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def initial(name: str) -> str:
    """The first letter of a name, in capitals."""
    return (name[:1] or "?").upper()


def nested(comments: Sequence[Mapping[str, Any]]) -> list[Node]:
    """A flat thread as a tree. An answer to a comment on an earlier page stands at the level it can."""
    roots: list[Node] = []
    line: list[Node] = []  # the comment at each level, down to the last one
    for comment in comments:
        level = min(comment["depth"], _DEEPEST, len(line))
        del line[level:]
        node = Node(comment)
        (line[-1].answers if line else roots).append(node)
        line.append(node)
    return roots


def sanitised(html: str) -> Markup:
    """Let HTML through as it is: what `prose.render` gave, and nothing else."""
    return Markup(html)  # noqa: S704 - prose.sanitising has made it safe on any page


def embedded(reply: str) -> Markup:
    """JSON as the content of a script element. No text in it can end the element, or be taken for the end of a line of script."""
    safe = reply.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return Markup(safe)  # noqa: S704 - within JSON these three stand in strings only, and are written there as escapes now
