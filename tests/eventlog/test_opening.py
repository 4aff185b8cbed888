from typing import Any
from uuid import UUID, uuid4

import pytest

from eventlog import opening
from eventlog.opening import Opener, Read
from eventlog.record import Partition, Record
from eventlog.referee import Heading
from events.sealing import KeyMissing

KID = UUID(int=1)


class Counted:
    """Facts that count how often they are opened, and may lack a key."""

    def __init__(self, *, lacking: bool = False) -> None:
        self.opened: list[int] = []
        self._lacking = lacking

    def decode(self, record: Record) -> str:
        self.opened.append(record.offset)
        if self._lacking:
            raise KeyMissing(KID)
        return f"event {record.offset}"

    async def catch_up(self) -> None:
        self._lacking = False


def read(offset: int, *, expects: dict[str, int] | None = None) -> Read:
    record = Record(Partition("posts", 0), offset, 0, b"k", b"v")
    return record, Heading(str(uuid4()), {"post:a": offset} if expects is None else expects, {})


def opener(facts: Any) -> Opener:
    return Opener(facts)


async def test_what_was_opened_ahead_is_not_opened_again() -> None:
    facts, reads = Counted(), [read(0), read(1), read(2)]
    opens = opener(facts)

    await opens.open_ahead(reads[:2])
    events = await opens.open(reads)

    assert ["event 0", "event 1", "event 2"] == events
    assert [0, 1, 2] == facts.opened


async def test_what_has_no_event_is_not_opened() -> None:
    facts = Counted()
    closed = read(1, expects={})

    events = await opener(facts).open([(read(0)[0], None), closed])

    assert [None, None] == events
    assert [] == facts.opened


async def test_a_key_that_came_meanwhile_is_used() -> None:
    facts = Counted(lacking=True)
    opens = opener(facts)

    await opens.open_ahead([read(0)])
    events = await opens.open([read(0)])

    assert ["event 0"] == events


async def test_what_never_comes_up_is_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MOST", 10)
    facts = Counted()
    opens = opener(facts)

    for offset in range(100):
        await opens.open_ahead([read(offset)])

    assert len(opens._ahead) <= 11
