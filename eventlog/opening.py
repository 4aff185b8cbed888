"""Opens the events of records: those of a batch that comes up, and ahead of it, while another batch is written.

Opening takes nearly half of what a record costs, and MongoDB writes meanwhile.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

from eventlog.facts import Facts
from eventlog.record import Partition, Record
from eventlog.referee import Heading
from events.sealing import KeyMissing

YIELD = 100  # records after which others have their turn: a large batch takes long enough to keep them waiting

MOST = 5000  # events that are kept opened ahead; two batches have fewer

Read = tuple[Record, Heading | None]


class Opener:
    """Opens what one projector reads."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._ahead: dict[tuple[Partition, int], Any] = {}

    def forget(self) -> None:
        """Forget what was opened ahead: it may never come up."""
        self._ahead.clear()

    async def open(self, reads: Iterable[Read]) -> list[Any]:
        """The event of each record; None for one that has none to be opened, the reason where one can not be.

        The key topics may have to be read for it. Raises OutcomeUnknown where they are not.
        """
        caught_up = False
        events: list[Any] = []
        for number, (record, heading) in enumerate(reads):
            if number % YIELD == YIELD - 1:
                await asyncio.sleep(0)
            if heading is None or not heading.expects:
                events.append(None)  # void, or a command that was closed: nothing for a view
                continue
            event = self._ahead.pop((record.place, record.offset), None)
            if event is None:
                event = self._opened(record)
            if isinstance(event, KeyMissing) and not caught_up:
                await self._facts.catch_up()
                caught_up = True
                event = self._opened(record)
            events.append(event)
        return events

    async def open_ahead(self, reads: Iterable[Read]) -> None:
        """Open what will come up next. It may be cancelled at any time."""
        if len(self._ahead) > MOST:
            self._ahead.clear()  # most of it belongs to partitions that others lead by now
        for number, (record, heading) in enumerate(reads):
            if number % YIELD == YIELD - 1:
                await asyncio.sleep(0)
            named = record.place, record.offset
            if heading is not None and heading.expects and named not in self._ahead:
                event = self._opened(record)
                if not isinstance(event, KeyMissing):  # it may be there when the record comes up
                    self._ahead[named] = event

    def _opened(self, record: Record) -> Any:
        try:
            return self._facts.decode(record)
        except Exception as error:  # noqa: BLE001 - whatever a record holds, it may park its own streams and stop nothing else
            return error
