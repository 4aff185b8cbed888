"""The referee rule: which records of a partition count. Pure; reads header fields only, so that every program version judges alike.

Records of a partition have one order, and every reader judges them in it:

R0  a record that is not well-formed, whose key does not hash to its partition, or whose key and headers have more than 64 KiB, is void
    and decides nothing;
R1  a record is accepted when every stream that it expects or reads stands at exactly the version named; each expected stream then
    advances by one; otherwise it is void;
R2  the first well-formed record that carries an attempt id decides that attempt; any later one with the same id is void.

The precedents are Tango (SOSP '13), Hyder (CIDR '11) and Confluent's Schema Registry.
Nothing here may ever change: a log that was judged once has to be judged the same for ever.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any

from eventlog.partitioner import partition_of
from eventlog.record import Record

LARGEST = 64 << 10  # of key and headers: what a ledger keeps of a record is bounded by them
_PLAIN = re.compile(rb'\{"([^"\\\x00-\x1f]*)":(0|[1-9][0-9]{0,17})\}')  # one stream, as most records have it, and read faster so
_FIELDS = frozenset({"ce_id", "ce_expects", "ce_reads"})
_NEVER = 1 << 80  # stands for an integer of 19 digits or more: no stream comes that far


class Verdict(StrEnum):
    """What becomes of a record: accepted, or void for one of three reasons."""

    ACCEPTED = "accepted"
    MALFORMED = "malformed"  # R0
    CONFLICTING = "conflicting"  # R1
    REPEATED = "repeated"  # R2


@dataclass(frozen=True, slots=True)
class Heading:
    """The header fields that the rule reads: the attempt, and streams with the version that its author had seen."""

    attempt: str
    expects: Mapping[str, int]
    reads: Mapping[str, int]


def heading_of(record: Record, partitions: int) -> Heading | None:
    """What the rule reads of a record, or None for one that R0 voids."""
    if record.key is None or weight(record.key, record.headers) > LARGEST:
        return None
    if partition_of(record.key, partitions) != record.partition:
        return None
    named = dict(record.headers)
    if not named.keys() >= _FIELDS:
        return None
    if len(named) != len(record.headers) and any(sum(name == field for name, _ in record.headers) > 1 for field in _FIELDS):
        return None
    expects, reads = _versions(named["ce_expects"]), _versions(named["ce_reads"])
    if expects is None or reads is None:
        return None
    return Heading(named["ce_id"].decode("latin-1"), expects, reads)


def weight(key: bytes, headers: Iterable[tuple[str, bytes]]) -> int:
    """Bytes of a key and of headers' values, and characters of headers' names."""
    return len(key) + sum(map(len, chain.from_iterable(headers)))


def judge(heading: Heading | None, version_of: Callable[[str], int], is_decided: Callable[[str], bool]) -> Verdict:
    """Judge one record, given the version of each stream (0: nothing happened yet) and the attempts decided before it."""
    if heading is None:
        return Verdict.MALFORMED
    if is_decided(heading.attempt):
        return Verdict.REPEATED
    for named in (heading.expects, heading.reads):
        for stream, version in named.items():
            if version_of(stream) != version:
                return Verdict.CONFLICTING
    return Verdict.ACCEPTED


def _versions(text: bytes) -> dict[str, int] | None:
    """Streams and versions from a JSON object as RFC 7493 (I-JSON) has it, or None for anything else."""
    if text == b"{}":
        return {}
    plain = _PLAIN.fullmatch(text)
    if plain is None:
        return _parsed(text)
    try:
        return {plain[1].decode("utf-8"): int(plain[2])}
    except UnicodeDecodeError:
        return None


def _parsed(text: bytes) -> dict[str, int] | None:
    try:
        parsed = _DECODER.decode(text.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(parsed, dict) or any(type(version) is not int for version in parsed.values()):
        return None
    return parsed


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) != len(pairs):
        raise ValueError("a name stands twice")
    for name in named:
        name.encode("utf-8")  # a lone surrogate is no text: UnicodeEncodeError is a ValueError
    return named


def _integer(digits: str) -> int:
    if digits.startswith("-"):
        raise ValueError("a version is not negative")
    return int(digits) if len(digits) < 19 else _NEVER  # noqa: PLR2004 - fits 64 bits for certain


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} is no version")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_float=_refuse, parse_constant=_refuse)
