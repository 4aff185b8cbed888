"""Judges a batch by the referee rule, given what the ledger holds about the streams and attempts that it names. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from eventlog.entries import Position
from eventlog.record import Partition, Record
from eventlog.referee import Heading, Verdict, judge

_REQUEST = 128  # characters: a keyed hash has 64, and what is longer can be no command's of ours


@dataclass(slots=True)
class Known:
    """What the ledger holds about a batch: versions of streams, decided attempts, and verdicts of the void records below its positions."""

    versions: dict[str, int] = field(default_factory=dict)
    decided: set[str] = field(default_factory=set)
    void: dict[tuple[Partition, int], Verdict] = field(default_factory=dict)


@dataclass(slots=True)
class Judged:
    """The verdicts of one batch, and the ledger's new entries; `begun` are the streams that it holds nothing of yet."""

    verdicts: list[Verdict] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)
    attempts: list[dict[str, Any]] = field(default_factory=list)
    voids: list[dict[str, Any]] = field(default_factory=list)


def judge_batch(batch: Iterable[tuple[Record, Heading | None]], positions: Mapping[Partition, Position], known: Known) -> Judged:
    """Judge records in their order.

    A record below its partition's position takes the ledger's verdict; it is never judged again against a later state.
    """
    judged = Judged()
    scopes: dict[Partition, _Scope] = {}
    for record, heading in batch:
        place = record.place
        if record.offset < positions[place].next:
            judged.verdicts.append(known.void.get((place, record.offset), Verdict.ACCEPTED))
            continue
        if place not in scopes:
            scopes[place] = _Scope(f"{place}/", known)
        scope = scopes[place]
        verdict = judge(heading, scope.version_of, scope.is_decided)
        judged.verdicts.append(verdict)
        if heading is not None and verdict is not Verdict.REPEATED:
            scope.decide(heading.attempt)
            judged.attempts.append(_attempt(record, heading, verdict))
        if verdict is not Verdict.ACCEPTED:
            judged.voids.append({"_id": f"{place}/{record.offset}", "place": str(place), "offset": record.offset, "verdict": verdict.value})
        elif heading is not None:
            advanced = scope.advance(heading)
            judged.versions |= advanced
            judged.begun.update(stream for stream, version in advanced.items() if version == 1)
    return judged


class _Scope:
    """The part of the ledger that belongs to one partition, seen by bare stream and attempt names."""

    __slots__ = ("_known", "_prefix")

    def __init__(self, prefix: str, known: Known) -> None:
        self._prefix = prefix
        self._known = known

    def version_of(self, stream: str) -> int:
        return self._known.versions.get(self._prefix + stream, 0)

    def is_decided(self, attempt: str) -> bool:
        return self._prefix + attempt in self._known.decided

    def decide(self, attempt: str) -> None:
        self._known.decided.add(self._prefix + attempt)

    def advance(self, heading: Heading) -> dict[str, int]:
        advanced = {self._prefix + stream: version + 1 for stream, version in heading.expects.items()}
        self._known.versions.update(advanced)
        return advanced


def _attempt(record: Record, heading: Heading, verdict: Verdict) -> dict[str, Any]:
    return {
        "_id": f"{record.place}/{heading.attempt}",
        "offset": record.offset,
        "accepted": verdict is Verdict.ACCEPTED,
        "request": record.text("ce_request")[:_REQUEST],
        "closed": not heading.expects,
    }
