"""Given, when, then: what a domain decides, without any log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from eventlog.deciding import Decide, Decision, Others
from eventlog.projection import Aggregate
from events.refusals import Refused

R = TypeVar("R", bound=Refused)


@dataclass(frozen=True, slots=True)
class Deciding:
    """What is tested: a decision, and the kinds of streams that it looks at, the kind of the commands' own stream first."""

    decide: Decide
    aggregates: Sequence[Aggregate]

    def given(self, *events: Any, others: Mapping[str, Any] | None = None) -> "Given":
        """A stream to which this has happened. `others` are states of other streams; a stream that is not named there is new."""
        state = self.aggregates[0].load(None)
        for event in events:
            state = self.aggregates[0].evolve(state, event)
        return Given(self, state, dict(others or {}))


@dataclass(frozen=True, slots=True)
class Given:
    """A stream as it is now, and what others are."""

    deciding: Deciding
    state: Any
    others: Mapping[str, Any]

    def when(self, command: Any) -> "Outcome":
        """What comes of a command."""
        try:
            return Outcome(self.deciding.decide(self.state, command, _Known(self)))
        except Refused as refusal:
            return Outcome(None, refusal)


class _Known(Others):
    """Every stream is known: as it was given, or new."""

    def __init__(self, given: Given) -> None:
        super().__init__({})
        self._given = given

    def __getitem__(self, stream: str) -> Any:
        if stream in self._given.others:
            return self._given.others[stream]
        kind = stream.partition(":")[0]
        for aggregate in self._given.deciding.aggregates:
            if aggregate.kind == kind:
                return aggregate.load(None)
        raise KeyError(f"{stream}: no aggregate has streams of this kind")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a command: a decision, nothing, or a refusal. Each `then…` raises AssertionError where it was something else."""

    decision: Decision[Any] | None
    refusal: Refused | None = None

    def then(self, event: Any, *, claims: Sequence[str] = (), reads: Sequence[str] = ()) -> None:
        """It came to this event, with exactly these claims and reads."""
        decided = self.decided()
        _same((event, tuple(claims), tuple(reads)), (decided.event, tuple(decided.claims), tuple(decided.reads)))

    def then_nothing(self) -> None:
        """It was so already."""
        if self.refusal is not None:
            raise AssertionError(f"it came to {self._said()}") from self.refusal
        _same(None, self.decision)

    def then_refused(self, kind: type[R], *, code: str | None = None) -> R:
        """It was refused so; the refusal, to look closer."""
        if isinstance(self.refusal, kind):
            _same(code or self.refusal.code, self.refusal.code)
            return self.refusal
        raise AssertionError(f"expected a {kind.__name__}, it came to {self._said()}") from self.refusal

    def decided(self) -> Decision[Any]:
        """The decision, to look closer."""
        if self.decision is None:
            raise AssertionError(f"it came to {self._said()}") from self.refusal
        return self.decision

    def _said(self) -> str:
        came_to = self.refusal if self.refusal is not None else self.decision
        return repr(came_to) if came_to is not None else "nothing: it was so already"


def _same(expected: object, actual: object) -> None:
    if expected != actual:
        raise AssertionError(f"expected\n  {expected!r}\nit came to\n  {actual!r}")
