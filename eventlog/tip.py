"""What a replica knows of a partition's tip: of the records that it has read and that its views may not have passed yet.

A verdict follows from the log alone, so whoever has read a record may tell it at once, long before the views are written. For that a tip
remembers which attempts the last records carried, and the versions of the streams that are written to here. Where what it remembers does
not decide, it says nothing: the verdict is told when the record is committed, as it always can be.
"""

from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain

from eventlog.entries import Attempt
from eventlog.referee import Heading, Verdict

STREAMS = 5_000  # whose versions are remembered, in each partition


class Tip:
    """The tip of one partition.

    `next` is the offset after the last record read. `floor` is the offset from which on it remembers every record; all before it is in
    the ledger. A version is remembered with the offset that it is as of: the ledger may be further than what was read here.
    """

    def __init__(self, begin: int = 0) -> None:
        self.next = begin
        self.floor = begin
        self._records: deque[tuple[int, str, tuple[str, ...]]] = deque()
        self._attempts: dict[str, int] = {}
        self._touched: dict[str, list[tuple[int, bool]]] = {}  # for each stream the records that advanced it, or (False) may have
        self._versions: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._told: dict[int, Verdict] = {}
        self._kept: dict[int, int] = {}

    def version(self, stream: str) -> int | None:
        """The version that a stream has after all that was read, or None where that is not known."""
        known = self._versions.get(stream)
        return known[0] if known is not None and known[1] <= self.next else None

    def knows(self, heading: Heading) -> bool:
        """Whether a record names a stream whose version is remembered."""
        return any(stream in self._versions for stream in chain(heading.expects, heading.reads))

    def last(self, stream: str) -> int:
        """The offset of the last record remembered that advanced a stream, or may have; -1 where there is none."""
        touched = self._touched.get(stream)
        return touched[-1][0] if touched else -1

    def carried(self, attempt: str) -> int:
        """The offset of the first record remembered that carried an attempt; -1 where there is none."""
        return self._attempts.get(attempt, -1)

    def learn(self, stream: str, version: int, as_of: int) -> None:
        """Remember the version that a stream has in the ledger as of an offset."""
        if self.version(stream) is not None or as_of < self.floor:
            return
        for offset, advanced in self._touched.get(stream, ()):
            if offset >= as_of:
                if not advanced:
                    return
                version, as_of = version + 1, offset + 1
        self._remember(stream, version, as_of)

    @contextmanager
    def keeping(self, offset: int) -> Iterator[None]:
        """Forget no record from an offset on, for as long as the block lasts."""
        self._kept[offset] = self._kept.get(offset, 0) + 1
        try:
            yield
        finally:
            self._kept[offset] -= 1
            if not self._kept[offset]:
                del self._kept[offset]

    def take(self, offset: int, heading: Heading | None, *, undecided: bool, decided: Attempt | None = None) -> Verdict | None:
        """Take the next record; its verdict, or None where that is not known here.

        `undecided` says that no record before `floor` carried its attempt, `decided` what the ledger holds of the attempt.
        """
        if offset < self.next:
            return None  # read again, for another leader's sake
        self.next = offset + 1
        if heading is None:
            return Verdict.MALFORMED
        verdict = self._judge(offset, heading, undecided, decided)
        self._attempts.setdefault(heading.attempt, offset)
        self._records.append((offset, heading.attempt, tuple(heading.expects)))
        if verdict is None or verdict is Verdict.ACCEPTED:
            for stream in heading.expects:
                self._advance(stream, offset, known=verdict is not None)
        # A conflicting record is void either way, but whether it also repeats an attempt nobody has asked.
        return None if verdict is Verdict.CONFLICTING and not undecided else verdict

    def tell(self, offset: int, verdict: Verdict) -> None:
        """Note that somebody was told a verdict."""
        self._told[offset] = verdict

    def told(self, offset: int) -> Verdict | None:
        """What somebody was told of a record, if anybody was."""
        return self._told.get(offset)

    def forget(self, passed: int) -> None:
        """Forget the records that the views have passed."""
        self.floor = max(self.floor, min(passed, self.next, *self._kept))
        while self._records and self._records[0][0] < self.floor:
            offset, attempt, streams = self._records.popleft()
            self._told.pop(offset, None)
            if self._attempts.get(attempt) == offset:
                del self._attempts[attempt]
            for stream in streams:
                touched = self._touched.get(stream)
                if touched is not None and touched[0][0] <= offset:
                    touched.pop(0)
                    if not touched:
                        del self._touched[stream]

    def _judge(self, offset: int, heading: Heading, undecided: bool, decided: Attempt | None) -> Verdict | None:  # noqa: FBT001 - as `take` has it
        if heading.attempt in self._attempts or (decided is not None and decided.offset < offset):
            return Verdict.REPEATED
        if decided is not None:
            return Verdict.ACCEPTED if decided.accepted else Verdict.CONFLICTING
        found: Verdict | None = Verdict.ACCEPTED if undecided else None
        for stream, version in chain(heading.expects.items(), heading.reads.items()):
            known = self._versions.get(stream)
            if known is None or known[1] > offset:
                found = None
            elif known[0] != version:
                return Verdict.CONFLICTING
        return found

    def _advance(self, stream: str, offset: int, *, known: bool) -> None:
        self._touched.setdefault(stream, []).append((offset, known))
        have = self._versions.get(stream)
        if have is None or have[1] > offset:
            return
        if known:
            self._remember(stream, have[0] + 1, offset + 1)
        else:
            del self._versions[stream]

    def _remember(self, stream: str, version: int, as_of: int) -> None:
        self._versions[stream] = (version, as_of)
        self._versions.move_to_end(stream)
        if len(self._versions) > STREAMS:
            self._versions.popitem(last=False)
