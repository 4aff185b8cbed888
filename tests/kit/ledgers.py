"""What tests of a ledger's contract are made of."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from eventlog.documents import encode
from eventlog.entries import Position
from eventlog.judging import Judged
from eventlog.ledger import Folded, Ledger
from eventlog.projection import Doc, Key, Projection
from eventlog.record import Partition
from tests.kit import toy

HERE, THERE = Partition("posts", 3), Partition("posts", 4)
NEWER = replace(toy.PROJECTION, version=2)


@dataclass
class Stored:
    open: Callable[[Projection], Ledger]
    drop: Callable[[], Awaitable[None]]


def batch(moves: dict[Partition, tuple[Position, Position]], judged: Judged | None = None, **more: Any) -> Folded:
    docs: dict[Key, Doc | None] = more.pop("docs", {})
    written = {key: encode(key[1], doc) if doc is not None else None for key, doc in docs.items()}
    absent = more.pop("absent", frozenset(docs))
    judged = judged or Judged()
    return Folded(judged, judged.versions, written, absent, more.pop("parked", []), moves)


async def write(ledger: Ledger, *batches: Folded) -> None:
    writer = ledger.writer()
    try:
        for each in batches:
            await writer.write(each)
    finally:
        await writer.close()
