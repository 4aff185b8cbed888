"""What a log comes to, said once more and as plainly as can be: the referee rule and the toy's fold, sharing nothing with the engine."""

import json
from dataclasses import dataclass, field
from typing import Any

from eventlog.partitioner import partition_of
from eventlog.record import Partition, Record

ACCEPTED, MALFORMED, CONFLICTING, REPEATED = "accepted", "malformed", "conflicting", "repeated"
PARTITIONS = 4  # of the one topic in the simulated world


@dataclass
class Now:
    """A partition at one moment: versions of streams, marbles of jars, who carries a name, and which streams wait."""

    versions: dict[str, int] = field(default_factory=dict)
    marbles: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    waiting: frozenset[str] = frozenset()

    def copy(self) -> "Now":
        return Now(dict(self.versions), dict(self.marbles), dict(self.names), self.waiting)


@dataclass
class Fact:
    """One record and what became of it."""

    offset: int
    attempt: str
    verdict: str
    expects: dict[str, int]
    request: str


class Folded:
    """One partition, folded from its first record on. `moments[n]` is how it was before record n."""

    def __init__(self, place: Partition, records: list[Record], *, heals: bool) -> None:
        self._heals = heals  # whether everything is digested in the end
        self.place = place
        self.facts: list[Fact] = []
        self.moments: list[Now] = [Now()]
        self.decided: dict[str, Fact] = {}
        self.documents: dict[str, dict[str, Any]] = {name: {} for name in ("ledger", "attempts", "voids", "jars", "names", "totals")}
        self.parked: list[tuple[str, int, tuple[str, ...]]] = []
        for record in records:
            self._take(record)

    def _take(self, record: Record) -> None:
        now = self.moments[-1]
        fields = _fields(record)
        if fields is None:
            self._void(Fact(record.offset, "", MALFORMED, {}, ""))
            self.moments.append(now)
            return
        attempt, expects, reads = fields
        if attempt in self.decided:
            verdict = REPEATED
        elif any(now.versions.get(stream, 0) != version for named in (expects, reads) for stream, version in named.items()):
            verdict = CONFLICTING
        else:
            verdict = ACCEPTED
        fact = Fact(record.offset, attempt, verdict, expects, dict(record.headers)["ce_request"].decode())
        if verdict == REPEATED:
            self._void(fact)
            self.moments.append(now)
            return
        self.decided[attempt] = fact
        self.documents["attempts"][f"{self.place}/{attempt}"] = {
            "offset": record.offset,
            "accepted": verdict == ACCEPTED,
            "request": fact.request,
            "closed": not expects,
        }
        if verdict == ACCEPTED:
            self.facts.append(fact)
            self.moments.append(self._apply(now.copy(), expects, record))
        else:
            self._void(fact)
            self.moments.append(now)

    def _void(self, fact: Fact) -> None:
        self.facts.append(fact)
        self.documents["voids"][f"{self.place}/{fact.offset}"] = {
            "place": str(self.place),
            "offset": fact.offset,
            "verdict": fact.verdict,
        }

    def _apply(self, now: Now, expects: dict[str, int], record: Record) -> Now:
        for stream, version in expects.items():
            now.versions[stream] = version + 1
            self.documents["ledger"][f"{self.place}/{stream}"] = {"v": version + 1}
        if not expects:
            return now
        event = json.loads(record.value or b"")
        if (event["poison"] and not self._heals) or now.waiting.intersection(expects):
            now.waiting |= set(expects)
            self.parked.append((str(self.place), record.offset, tuple(expects)))
            return now
        for stream, version in expects.items():
            kind, _, name = stream.partition(":")
            if kind == "jar":
                now.marbles[name] = now.marbles.get(name, 0) + event["marbles"]
                self.documents["jars"][stream] = {"marbles": now.marbles[name], "version": version + 1}
            else:
                now.names[name] = event["jar"]
                self.documents["names"][stream] = {"jar": event["jar"], "version": version + 1}
        total = self.documents["totals"].get(event["jar"], {"times": 0, "marbles": 0})
        marbles = total["marbles"] + event["marbles"]
        self.documents["totals"][event["jar"]] = {"times": total["times"] + 1, "marbles": marbles, "label": f"{marbles} marbles"}
        return now


def _fields(record: Record) -> tuple[str, dict[str, int], dict[str, int]] | None:
    if record.key is None or partition_of(record.key, PARTITIONS) != record.partition:
        return None
    found: list[Any] = []
    for field_ in ("ce_id", "ce_expects", "ce_reads"):
        values = [value for name, value in record.headers if name == field_]
        if len(values) != 1:
            return None
        found.append(values[0])
    try:
        expects, reads = (json.loads(text, object_pairs_hook=tuple) for text in found[1:])
    except ValueError:
        return None
    for pairs in (expects, reads):
        if not isinstance(pairs, tuple) or len({name for name, _ in pairs}) != len(pairs):
            return None
        if any(type(version) is not int or version < 0 for _, version in pairs):
            return None
    return found[0].decode(), dict(expects), dict(reads)
