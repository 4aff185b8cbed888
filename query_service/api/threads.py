"""The order of a thread: each comment is followed by its answers, the oldest first. Made when it is read; pure.

A view can not hold it: a comment's fact names the comment that it answers, but not where that one stands.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

from query_service.store import Remark

DEEPEST: Final = 15
"""Answers to a comment of this depth stand beside it, so that a path has a bounded length however long two people go on."""


class Place(NamedTuple):
    """Where a comment stands; `id` is its document's."""

    id: str
    depth: int
    path: str


def in_thread_order(remarks: Sequence[Remark]) -> list[Place]:
    """Order comments that are given by age. One that answers a comment which is not among them begins a conversation of its own."""
    known = {remark.id for remark in remarks}
    answers: dict[str | None, list[str]] = defaultdict(list)
    for remark in remarks:
        answers[remark.parent if remark.parent in known else None].append(remark.id)
    places: list[Place] = []
    seen_under: Counter[str] = Counter()
    waiting = [(each, 0, "") for each in reversed(answers[None])]
    while waiting:
        comment_id, depth, above = waiting.pop()
        seen_under[above] += 1
        path = f"{above}{seen_under[above]:05}"
        places.append(Place(comment_id, depth, path))
        below = (depth + 1, f"{path}/") if depth < DEEPEST else (depth, above)
        waiting.extend((each, *below) for each in reversed(answers[comment_id]))
    return places
