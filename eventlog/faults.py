"""What each topic must be like, and what to do where it is not. Pure: `guard.py` asks the broker."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from eventlog.topics import MAX_MESSAGE_BYTES, REPLICATION, Topic

MISSING = "missing"
DELETED = "Compare the log with a backup as well: records may have been deleted meanwhile"


class Fault(NamedTuple):
    """What is wrong with a topic or a partition: the name of what is wrong, how it was found, how it has to be, and what to do."""

    topic: str
    setting: str
    found: str
    wanted: str
    cure: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.setting} is {self.found}, wanted is {self.wanted}. {self.cure}."


class WrongLog(Exception):
    """The log is not what it must be; the message has a line for each fault."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)

    @property
    def unmade(self) -> bool:
        """Whether nothing is wrong but that topics are not there, as before they are made."""
        return all(fault.found == MISSING for fault in self.faults)


@dataclass(frozen=True, slots=True)
class Found:
    """What a broker says of a topic. `replicas` has the number of replicas of each partition, `brokers` is how many brokers there are."""

    replicas: Sequence[int]
    brokers: int
    settings: Mapping[str, str | None]


def faults_of(topic: Topic, name: str, found: Found | None) -> Iterator[Fault]:
    """What is wrong with a topic that the broker knows as `name`; None: it does not know it."""
    if found is None:
        yield Fault(name, "the topic", MISSING, f"one of {topic.partitions} partitions", "Create it by `inkctl topics ensure`")
        return
    if len(found.replicas) != topic.partitions:
        cure = "Import a backup into topics as declared by `inkctl log import`: which partition a stream is in follows from their number"
        yield Fault(name, "the number of partitions", str(len(found.replicas)), str(topic.partitions), cure)
    fewest = min(found.replicas)
    if found.brokers >= REPLICATION > fewest:
        cure = "Give each partition more replicas by `kafka-reassign-partitions`: one lost disk may lose what was acknowledged"
        yield Fault(name, "the replication factor", str(fewest), f"at least {REPLICATION} where there are so many brokers", cure)
    for rule in _rules(topic, fewest):
        value = found.settings.get(rule.setting)
        if value is None or not rule.holds(value):
            yield Fault(name, rule.setting, value or "not told", rule.wanted, rule.cure(name))


class _Rule(NamedTuple):
    """A setting that the log relies on: what to set it to, which other values will do (none, mostly), and what to do beyond setting it."""

    setting: str
    value: str
    wanted: str
    holds: Callable[[str], bool]
    beyond: str

    def cure(self, name: str) -> str:
        command = f"kafka-configs --alter --entity-type topics --entity-name {name} --add-config {self.setting}={self.value}"
        return f"Set it by `{command}`. {self.beyond}"


def _rules(topic: Topic, replicas: int) -> Iterator[_Rule]:
    settings = topic.settings(replicas)

    def exactly(setting: str, beyond: str) -> _Rule:
        wanted = settings[setting]
        return _Rule(setting, wanted, wanted, lambda value: value == wanted, beyond)

    def within(setting: str, wanted: str, holds: Callable[[int], bool], beyond: str) -> _Rule:
        return _Rule(setting, settings[setting], wanted, lambda value: holds(int(value)), beyond)

    yield exactly("cleanup.policy", "Keys may be deleted by their age otherwise" if topic.compacted else DELETED)
    if topic.compacted:
        lag = int(settings["max.compaction.lag.ms"])
        yield within("max.compaction.lag.ms", f"at most {lag}", lambda value: value <= lag, "An erased key stays on the disk that long")
    else:
        yield exactly("retention.bytes", DELETED)
        yield exactly("retention.ms", DELETED)
    yield exactly("message.timestamp.type", "What was written meanwhile has its writer's time, by which the end of a session may be missed")
    yield within("max.message.bytes", f"at least {MAX_MESSAGE_BYTES}", lambda value: value >= MAX_MESSAGE_BYTES, "Larger facts are refused")
    yield exactly("unclean.leader.election.enable", "A broker that lacks acknowledged records may become the leader otherwise")
    least, most = int(settings["min.insync.replicas"]), max(replicas - 1, 1)
    wanted = str(least) if least == most else f"from {least} to {most}"
    beyond = "With less, one lost disk may lose what was acknowledged; with more, one lost broker stops all writing"
    yield within("min.insync.replicas", wanted, lambda value: least <= value <= most, beyond)
