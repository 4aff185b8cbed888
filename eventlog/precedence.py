"""Who comes first on a stream that several replicas write to: commands that others were before, in the log's order.

A replica that has just written a stream knows its state, and the others have to read it: without manners it would win again and again, and
their commands would be given up after five attempts. A void record tells all replicas, in one order, that a command waits. So each lets
those that wait go first, and begins no command of its own on that stream before they were accepted or have not been heard of for a while.
This is courtesy alone: whoever knows nothing of it only makes more records void.
"""

import asyncio

from eventlog.record import Partition, Record
from eventlog.referee import Verdict

PATIENCE = 0.25  # seconds that one who waits is let go first without a word of it: it may have been refused meanwhile, or have died

MOST = 1000  # streams of which it is remembered who waits, before those are forgotten on which nobody does any more


class Precedence:
    """The commands that wait on streams, as the log tells."""

    def __init__(self) -> None:
        self._queues: dict[tuple[Partition, str], _Queue] = {}

    def note(self, record: Record, verdict: Verdict | None) -> None:
        """Take note of a record's verdict."""
        if verdict is Verdict.CONFLICTING or (verdict is Verdict.ACCEPTED and self._queues):
            stream = record.place, record.text("ce_subject")
            if verdict is Verdict.CONFLICTING:
                self._queues.setdefault(stream, _Queue()).add(record.text("ce_command"))
                if len(self._queues) > MOST:  # nobody here waits on most of them, so that nobody else forgets them
                    self._queues = {each: queue for each, queue in self._queues.items() if queue.waits()}
            elif stream in self._queues:
                self._queues[stream].serve(record.text("ce_command"))

    async def due(self, place: Partition, stream: str, command: str) -> None:
        """Wait until no other command is to go first on a stream."""
        while (queue := self._queues.get((place, stream))) is not None:
            ahead = queue.ahead(command)
            if not queue:
                del self._queues[place, stream]
            if ahead <= 0:
                return
            queue.moved.clear()
            try:
                async with asyncio.timeout(ahead):
                    await queue.moved.wait()
            except TimeoutError:
                continue

    def leave(self, place: Partition, stream: str, command: str) -> None:
        """Say that a command waits no more, whatever became of it."""
        queue = self._queues.get((place, stream))
        if queue is not None:
            queue.remove(command)
            if not queue:
                del self._queues[place, stream]


class _Queue:
    """The commands that wait on one stream, the first first, each with the moment until which it is let go first."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self.moved = asyncio.Event()

    def __bool__(self) -> bool:
        return bool(self._until)

    def add(self, command: str) -> None:
        self._until[command] = _soon()  # who waits already stays where it is

    def remove(self, command: str) -> None:
        self._until.pop(command, None)
        self.moved.set()

    def serve(self, command: str) -> None:
        """A command was accepted; that it goes on gives the others more time."""
        self.remove(command)
        self._until = dict.fromkeys(self._until, _soon())

    def waits(self) -> bool:
        """Whether anybody is still let go first."""
        now = asyncio.get_running_loop().time()
        return any(until > now for until in self._until.values())

    def ahead(self, command: str) -> float:
        """Seconds that the first of the others is let go first for; 0 where none is."""
        now = asyncio.get_running_loop().time()
        self._until = {other: until for other, until in self._until.items() if until > now}
        first = next(iter(self._until), command)
        return 0.0 if first == command else self._until[first] - now


def _soon() -> float:
    return asyncio.get_running_loop().time() + PATIENCE
