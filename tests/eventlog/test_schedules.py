"""The referee under random schedules: writers with stale views, repeats, zombies, duplicates, and readers that cut the log as they like."""

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

import orjson
from hypothesis import given
from hypothesis import strategies as st

from eventlog.commands import ATTEMPTS, attempt_id
from eventlog.entries import Position
from eventlog.judging import Known, judge_batch
from eventlog.partitioner import partition_of
from eventlog.record import Partition, Record
from eventlog.referee import Verdict, heading_of

KEY = b"k"
HERE = Partition("posts", partition_of(KEY, 12))


@dataclass
class Reader:
    """Folds the log in batches of any size, as a ledger in memory."""

    position: Position = field(default_factory=lambda: Position(HERE))
    versions: dict[str, int] = field(default_factory=dict)
    attempts: dict[str, bool] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)

    def read(self, records: list[Record]) -> None:
        if not records:
            return
        batch = [(record, heading_of(record, 12)) for record in records]
        known = Known(dict(self.versions), {f"{HERE}/{attempt}" for attempt in self.attempts})
        judged = judge_batch(batch, {HERE: self.position}, known)
        self.verdicts += judged.verdicts
        self.versions |= judged.versions
        self.attempts |= {doc["_id"].removeprefix(f"{HERE}/"): doc["accepted"] for doc in judged.attempts}
        self.position = self.position.after(records[-1])

    def version(self, stream: str) -> int:
        return self.versions.get(f"{HERE}/{stream}", 0)

    def catch_up(self, log: list[Record], count: int) -> None:
        self.read(log[self.position.next : self.position.next + count])


# One step of a schedule: a writer reads on a bit and tries a command again, or a record that was sent before lands (again, or at last).
STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 5), st.integers(0, 4), st.sampled_from(["sent", "delayed"]))
    | st.tuples(st.just("lands"), st.integers(0, 30)),
    max_size=60,
)


def run(steps: list[tuple[object, ...]]) -> list[Record]:
    """Writers that follow the rules of handling: attempt n+1 only once n is void; the streams at the versions that they have read."""
    log: list[Record] = []
    sent: list[tuple[tuple[str, bytes], ...]] = []
    writers = [Reader() for _ in range(3)]
    for step in steps:
        if step[0] == "lands":
            if sent:
                land(log, sent[int(str(step[1])) % len(sent)])
            continue
        who, which, ahead, how = step
        writer, command = writers[int(str(who))], UUID(int=int(str(which)))
        writer.catch_up(log, int(str(ahead)))
        decided = [writer.attempts.get(str(attempt_id(command, n))) for n in range(ATTEMPTS)]
        if True in decided or None not in decided:
            continue
        # Commands 0 to 3 want one name, and each has a stream of its own; commands 4 and 5 change one stream.
        streams = ["name", f"jar:{command.int}"] if command.int < 4 else ["jar:shared"]
        if command.int < 4 and writer.version("name"):
            continue  # refused: the name is taken
        headers = (
            ("ce_id", str(attempt_id(command, decided.index(None))).encode()),
            ("ce_expects", orjson.dumps({stream: writer.version(stream) for stream in streams})),
            ("ce_reads", b"{}"),
        )
        sent.append(headers)
        if how == "sent":
            land(log, headers)
    return log


def land(log: list[Record], headers: tuple[tuple[str, bytes], ...]) -> None:
    log.append(Record(HERE, len(log), 0, KEY, b"", headers))


@given(STEPS)
def test_each_command_is_applied_once_at_most_and_a_name_is_had_by_one(steps: list[tuple[object, ...]]) -> None:
    log = run(steps)
    reader = Reader()
    reader.read(log)

    accepted = [record for record, verdict in zip(log, reader.verdicts, strict=True) if verdict is Verdict.ACCEPTED]
    commands = {str(attempt_id(UUID(int=i), n)): i for i in range(6) for n in range(ATTEMPTS)}
    applied = Counter(commands[record.text("ce_id")] for record in accepted)

    assert all(count == 1 for count in applied.values())
    assert sum(1 for command in applied if command < 4) == reader.version("name") <= 1
    assert applied[4] + applied[5] == reader.version("jar:shared")


@given(STEPS, st.lists(st.integers(1, 7)))
def test_every_reader_comes_to_the_same_verdicts_however_it_cuts_the_log(steps: list[tuple[object, ...]], cuts: list[int]) -> None:
    log = run(steps)
    whole, cut = Reader(), Reader()

    whole.read(log)
    for size in cuts:
        cut.catch_up(log, size)
    cut.catch_up(log, len(log))

    assert whole == cut


@given(STEPS)
def test_a_record_below_the_position_takes_the_ledgers_verdict(steps: list[tuple[object, ...]]) -> None:
    log = run(steps)
    reader = Reader()
    reader.read(log)
    void: dict[tuple[Partition, int], Verdict] = {
        (HERE, offset): verdict for offset, verdict in enumerate(reader.verdicts) if verdict is not Verdict.ACCEPTED
    }

    judged = judge_batch([(record, heading_of(record, 12)) for record in log], {HERE: reader.position}, Known(void=void))

    assert reader.verdicts == judged.verdicts
    assert ({}, [], []) == (judged.versions, judged.attempts, judged.voids)
