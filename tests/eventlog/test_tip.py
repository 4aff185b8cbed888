"""What a tip says of a record is what the whole log says, whatever it was told, when it began, and what it has forgotten."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from eventlog.entries import Attempt
from eventlog.referee import Heading, Verdict, judge
from eventlog.tip import Tip

STREAMS = ["a", "b", "c"]
Draw = Callable[[st.SearchStrategy[Any]], Any]


@dataclass
class Truth:
    """A whole log judged from its beginning."""

    headings: list[Heading | None]
    verdicts: list[Verdict] = field(default_factory=list)
    versions: list[dict[str, int]] = field(default_factory=list)  # before each record, and at the end
    first: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        now: dict[str, int] = dict.fromkeys(STREAMS, 0)
        for offset, heading in enumerate(self.headings):
            self.versions.append(dict(now))
            verdict = judge(heading, now.__getitem__, self.first.__contains__)
            self.verdicts.append(verdict)
            if heading is not None:
                self.first.setdefault(heading.attempt, offset)
                if verdict is Verdict.ACCEPTED:
                    now.update({stream: now[stream] + 1 for stream in heading.expects})
        self.versions.append(now)

    def ledger(self, attempt: str, position: int) -> Attempt | None:
        """What a ledger that stands at a position holds of an attempt."""
        offset = self.first.get(attempt, position)
        return Attempt(self.verdicts[offset] is Verdict.ACCEPTED, offset, "", closed=False) if offset < position else None


@st.composite
def logs(draw: st.DrawFn) -> list[Heading | None]:
    """Writers that nearly know what they expect: versions close to what they are, attempts that come again, some with other streams."""
    headings: list[Heading | None] = []
    for number in range(draw(st.integers(1, 24))):
        if draw(st.integers(0, 12)) == 0:
            headings.append(None)
            continue
        now = Truth(headings).versions[-1]
        expects = {
            stream: max(0, now[stream] + draw(st.sampled_from([0, 0, 0, -1, 1]))) for stream in draw(st.sets(st.sampled_from(STREAMS)))
        }
        reads = {stream: now[stream] for stream in draw(st.sets(st.sampled_from(STREAMS), max_size=1)) if stream not in expects}
        headings.append(Heading(str(draw(st.integers(0, 6)) if draw(st.booleans()) else number + 10), expects, reads))
    return headings


def act(draw: Draw, truth: Truth, tip: Tip) -> None:
    """Let something happen to a tip that has more to read."""
    end = len(truth.headings)
    match draw(st.sampled_from(["read", "read", "read", "learn", "learn", "forget"])):
        case "learn":
            as_of, stream = draw(st.integers(0, end)), draw(st.sampled_from(STREAMS))
            tip.learn(stream, truth.versions[as_of][stream], as_of)
        case "forget":
            tip.forget(draw(st.integers(0, end)))
        case _:
            read(draw, truth, tip)


def read(draw: Draw, truth: Truth, tip: Tip) -> None:
    offset = tip.next
    heading = truth.headings[offset]
    undecided, decided = False, None
    if heading is not None:
        match draw(st.sampled_from(["foreign", "ours", "asked"])):
            case "ours":
                undecided = truth.first[heading.attempt] >= tip.floor
            case "asked":
                decided = truth.ledger(heading.attempt, draw(st.integers(tip.floor, len(truth.headings))))
                undecided = True
            case _:
                pass
    assert tip.take(offset, heading, undecided=undecided, decided=decided) in {None, truth.verdicts[offset]}


@settings(max_examples=300)
@given(logs(), st.data())
def test_what_a_tip_says_is_true(headings: list[Heading | None], data: st.DataObject) -> None:
    truth = Truth(headings)
    tip = Tip(data.draw(st.integers(0, len(headings))))

    while tip.next < len(headings):
        act(data.draw, truth, tip)
        known = {stream: tip.version(stream) for stream in STREAMS}
        assert {stream: version for stream, version in known.items() if version is not None} == {
            stream: truth.versions[tip.next][stream] for stream, version in known.items() if version is not None
        }


def test_of_ones_own_attempt_on_known_streams_the_verdict_is_known() -> None:
    tip = Tip(7)
    tip.learn("a", 3, 7)

    verdicts = [tip.take(7 + n, Heading(str(n), {"a": 3 + n}, {}), undecided=True) for n in range(3)]
    late = tip.take(10, Heading("late", {"a": 3}, {}), undecided=True)

    assert [Verdict.ACCEPTED] * 3 + [Verdict.CONFLICTING] == [*verdicts, late]
    assert 6 == tip.version("a")


def test_what_the_ledger_is_ahead_of_is_left_to_the_ledger() -> None:
    tip = Tip(2)
    tip.learn("a", 5, 9)

    assert tip.version("a") is None
    assert tip.take(3, Heading("x", {"a": 4}, {}), undecided=True) is None
    tip.take(8, Heading("y", {}, {}), undecided=True)
    assert 5 == tip.version("a")


def test_nothing_is_forgotten_that_somebody_waits_for() -> None:
    tip = Tip()
    tip.take(0, Heading("x", {"a": 0}, {}), undecided=True)

    with tip.keeping(0):
        tip.forget(1)
        assert 0 == tip.carried("x") == tip.last("a")
    tip.forget(1)

    assert -1 == tip.carried("x") == tip.last("a")


def test_a_stream_that_another_may_have_advanced_is_known_no_more() -> None:
    tip = Tip()
    tip.learn("a", 0, 0)

    assert tip.take(0, Heading("theirs", {"a": 0}, {}), undecided=False) is None

    assert tip.version("a") is None
    tip.learn("a", 0, 0)
    assert tip.version("a") is None
    tip.learn("a", 1, 1)
    assert 1 == tip.version("a")
