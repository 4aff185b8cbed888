"""The engine broken on purpose, one promise at a time: the simulation finds each, so that it would find it if it were broken by mistake."""

import asyncio
import re
from collections.abc import Callable, Container, Iterator
from typing import Any
from uuid import UUID

import pytest

from eventlog import batches, handling, judging, reading, referee
from eventlog.commands import ATTEMPTS, Address
from eventlog.deciding import Call
from eventlog.entries import Attempt
from eventlog.handling import Handler
from eventlog.ledger import Folded
from eventlog.memoryledger import MemoryLedger, MemoryWriter
from eventlog.progress import Progress
from eventlog.reading import Reader
from eventlog.record import Partition, Record
from eventlog.referee import Heading, Verdict
from eventlog.tip import Tip
from tests.simulation.schedule import SHORT, Size, simulate
from tests.simulation.weather import Weather

SEEDS = 600  # at most: what is not found in so many schedules counts as not found

MISFIT = re.compile("TypeError|AttributeError|NameError|KeyError")

Patch = pytest.MonkeyPatch


def no_versions(patch: Patch) -> None:
    """R1 off: whatever a record expects, it is accepted."""

    def judge(heading: Heading | None, version_of: Callable[[str], int], is_decided: Callable[[str], bool]) -> Verdict:
        if heading is None:
            return Verdict.MALFORMED
        return Verdict.REPEATED if is_decided(heading.attempt) else Verdict.ACCEPTED

    patch.setattr(judging, "judge", judge)


def no_reads(patch: Patch) -> None:
    """The part of R1 off that looks at what a record relies on."""
    judge = referee.judge

    def careless(heading: Heading | None, version_of: Callable[[str], int], is_decided: Callable[[str], bool]) -> Verdict:
        return judge(heading and Heading(heading.attempt, heading.expects, {}), version_of, is_decided)

    patch.setattr(judging, "judge", careless)


def repeats(patch: Patch) -> None:
    """R2 off: an attempt may be accepted again."""
    judge = referee.judge
    patch.setattr(judging, "judge", lambda heading, version_of, _: judge(heading, version_of, lambda _: False))


def anything_is_well_formed(patch: Patch) -> None:
    """R0 off, as far as a key's partition goes."""
    heading_of = referee.heading_of

    def anywhere(record: Record, partitions: int) -> Heading | None:
        for number in range(partitions):
            found = heading_of(record._replace(place=Partition(record.topic, number)), partitions)
            if found is not None:
                return found
        return None

    for module in (batches, reading):
        patch.setattr(module, "heading_of", anywhere)


def positions_move_whatever_they_are(patch: Patch) -> None:
    """The compare-and-set on positions off."""
    patch.setattr(MemoryLedger, "check_positions", lambda *_: None)


def two_steps(patch: Patch) -> None:
    """The ledger and the views written one after the other, not at once."""

    async def write(self: MemoryWriter, folded: Folded) -> None:
        self._ledger.check(folded)
        self._ledger.put_verdicts(folded)
        await asyncio.sleep(0.05)
        self._ledger.put_views(folded)

    patch.setattr(MemoryWriter, "write", write)


def a_new_attempt_each_time(patch: Patch) -> None:
    """The next attempt appended while it is not known yet what becomes of the one before."""
    tried: dict[UUID, set[int]] = {}
    next_of = handling._next

    def hasty(attempts: dict[int, Attempt], call: Call) -> int | None:
        n = next_of(attempts, call)
        if n is None:
            return None
        used = tried.setdefault(call.command_id, set())
        free = [each for each in range(ATTEMPTS) if each not in used and each not in attempts] or [n]
        used.add(free[0])
        return free[0]

    patch.setattr(handling, "_next", hasty)


def refusals_at_once(patch: Patch) -> None:
    """No reading to the end of the log before a refusal, or before "already so"."""

    async def at_once(*_: object) -> None:
        pass

    patch.setattr(Handler, "read_to_end", at_once)


def attempts_before_streams(patch: Patch) -> None:
    """What was decided of a command's attempts read before its streams, not after."""
    load, decided = Handler._load, Handler._decided
    early: dict[object, dict[int, Attempt]] = {}

    async def load_late(self: Handler, streams: list[str], call: Call) -> Any:
        early[asyncio.current_task()] = await decided(self, call.address)
        return await load(self, streams, call)

    async def decided_early(self: Handler, address: Address, known: Container[int] = ()) -> dict[int, Attempt]:
        found = early.pop(asyncio.current_task(), None)
        return found if found is not None else await decided(self, address, known)

    patch.setattr(Handler, "_load", load_late)
    patch.setattr(Handler, "_decided", decided_early)


def forgets_all(patch: Patch) -> None:
    """A tip that forgets what the views have not passed yet."""
    forget = Tip.forget
    patch.setattr(Tip, "forget", lambda self, _: forget(self, self.next))


def versions_of_any_time(patch: Patch) -> None:
    """A tip that takes a version for good whatever the offset is that it is as of."""

    def version(self: Tip, stream: str) -> int | None:
        known = self._versions.get(stream)
        return known[0] if known is not None else None

    def learn(self: Tip, stream: str, version: int, as_of: int) -> None:
        del as_of
        if stream not in self._versions:
            self._remember(stream, version, 0)

    patch.setattr(Tip, "version", version)
    patch.setattr(Tip, "learn", learn)


def learns_late(patch: Patch) -> None:
    """A tip that takes a version of the ledger's without what was read since."""

    def learn(self: Tip, stream: str, version: int, as_of: int) -> None:
        if self.version(stream) is None:
            self._remember(stream, version, as_of)

    patch.setattr(Tip, "learn", learn)


def unasked_is_undecided(patch: Patch) -> None:
    """An attempt of which nothing is known counted as one that nobody has decided."""
    patch.setattr(Reader, "_undecided", lambda *_: True)


def refuses_repeats_late(patch: Patch) -> None:
    """A tip that forgets which attempts it has read."""

    class Forgetful(dict[str, int]):
        def __contains__(self, _: object) -> bool:
            return False

    make = Tip.__init__

    def init(self: Tip, begin: int = 0) -> None:
        make(self, begin)
        self._attempts = Forgetful()

    patch.setattr(Tip, "__init__", init)


def stale_states(patch: Patch) -> None:
    """What is remembered of a stream counted though the views know of later versions than the tip."""
    load = Handler._load

    async def behind(self: Handler, streams: list[str], call: Call) -> Any:
        tip = self._tips[call.place]
        found = {stream: self.recent.get(stream, tip.version(stream)) for stream in streams}
        if all(found.values()):
            return found
        return await load(self, streams, call)

    patch.setattr(Handler, "_load", behind)


def gaps_everywhere(patch: Patch) -> None:
    """Where reading stood is not forgotten when it goes back."""
    rewind = Reader._rewind

    def keeping(self: Reader, tail: Any) -> None:
        before = self._positions
        rewind(self, tail)
        self._positions = before

    patch.setattr(Reader, "_rewind", keeping)


def parked_unseen(patch: Patch) -> None:
    """A document that lacks what is parked taken for what its stream is."""
    states = MemoryLedger.states

    async def blind(self: MemoryLedger, place: Partition, streams: Any) -> Any:
        position = (await self.positions())[place]
        return {stream: (doc, position.fed) for stream, (doc, _) in (await states(self, place, streams)).items()}

    patch.setattr(MemoryLedger, "states", blind)


def another_judges_anew(patch: Patch) -> None:
    """A version of the views that takes what the ledger has voided for accepted."""

    async def voids(*_: object) -> dict[object, object]:
        return {}

    patch.setattr(MemoryLedger, "voids", voids)


def tokens_unheeded(patch: Patch) -> None:
    """A read that does not wait for what its token has seen."""

    async def passed(*_: object) -> bool:
        return True

    patch.setattr(Progress, "passed", passed)


# Where the usual weather seldom brings about what a promise protects from, that is made more frequent.
SLOW = Weather(slow=0.8, delay=0.3)
MIXED = Weather(slow=0.25, delay=0.3)
LOSSY = Weather(slow=0.4, delay=0.02, unsure=0.6)

CROWDED = Size(processes=3, clients=4, commands=3, events=0, strangers=0)
UNSETTLED = Size(processes=2, clients=3, commands=2, events=0, strangers=0, giving_up=0.4)
POISONED = Size(processes=3, clients=2, commands=2, events=2, strangers=8)
TWICE = Size(processes=3, clients=2, commands=2, events=0, strangers=0, twice=1.0)

MUTATIONS: list[tuple[Callable[[Patch], None], Weather | None, Size]] = [
    (no_versions, None, SHORT),
    (no_reads, None, SHORT),
    (repeats, None, SHORT),
    (anything_is_well_formed, None, SHORT),
    (positions_move_whatever_they_are, None, SHORT),
    (two_steps, None, SHORT),
    (a_new_attempt_each_time, LOSSY, UNSETTLED),
    (refusals_at_once, MIXED, CROWDED),
    (attempts_before_streams, MIXED, TWICE),
    (forgets_all, MIXED, TWICE),
    (versions_of_any_time, None, SHORT),
    (learns_late, SLOW, SHORT),
    (unasked_is_undecided, None, SHORT),
    (refuses_repeats_late, None, SHORT),
    (stale_states, None, SHORT),
    (gaps_everywhere, None, SHORT),
    (parked_unseen, MIXED, POISONED),
    (another_judges_anew, None, SHORT),
    (tokens_unheeded, None, SHORT),
]


def found(weather: Weather | None, size: Size) -> Iterator[str]:
    for seed in range(SEEDS):
        yield from simulate(seed, size, weather=weather).violations


@pytest.mark.parametrize(("mutation", "weather", "size"), MUTATIONS, ids=[mutation.__name__ for mutation, _, _ in MUTATIONS])
def test_what_is_broken_is_found(monkeypatch: Patch, mutation: Callable[[Patch], None], weather: Weather | None, size: Size) -> None:
    mutation(monkeypatch)

    wrong = next(found(weather, size), None)

    assert wrong is not None, mutation.__doc__
    assert not MISFIT.search(wrong), f"the mutation does not fit the engine any more: {wrong}"
