import json
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlog.partitioner import murmur2, partition_of
from eventlog.record import Partition, Record
from eventlog.referee import Heading, Verdict, _parsed, _versions, heading_of, judge

KEY = b"an author"
PARTITION = partition_of(KEY, 12)


def record(
    named: dict[str, bytes] | None = None,
    *,
    key: bytes | None = KEY,
    partition: int = PARTITION,
    headers: list[tuple[str, bytes]] | None = None,
) -> Record:
    whole = {"ce_id": str(uuid4()).encode(), "ce_expects": b'{"post:1":0}', "ce_reads": b"{}"} | (named or {})
    return Record(Partition("posts", partition), 0, 0, key, b"", headers if headers is not None else list(whole.items()))


@pytest.mark.parametrize(
    ("key", "expected"),
    [(b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536), (b"abc", 479470107)],
)
def test_the_hash_is_the_one_of_kafkas_own_clients(key: bytes, expected: int) -> None:
    # The figures are those of Kafka's UtilsTest.testMurmur2.
    assert expected & 0xFFFFFFFF == murmur2(key)


def test_a_well_formed_record_is_read() -> None:
    heading = heading_of(record({"ce_id": b"x", "ce_expects": b' {"a": 3, "b:\\u00e9":0} ', "ce_reads": b'{"c":1}'}), 12)

    assert Heading("x", {"a": 3, "b:é": 0}, {"c": 1}) == heading


@pytest.mark.parametrize(
    "text",
    [
        b"", b"null", b"[]", b"3", b'"a"', b"{", b'{"a"}', b'{"a":1,}', b'{"a":-1}', b'{"a":-0}', b'{"a":1.0}', b'{"a":1e2}', b'{"a":"1"}',
        b'{"a":true}', b'{"a":null}', b'{"a":{}}', b'{"a":[1]}', b'{"a":NaN}', b'{"a":Infinity}', b'{"a":1,"a":1}', b'{"a":01}', b"\xff",
        b'{"\xff":1}', b'{"\\ud800":1}', b'\xef\xbb\xbf{"a":1}', '{"a":1}'.encode("utf-16"), b"[" * 100_000, b'{"a":' * 100_000,
    ],
)  # fmt: skip
@pytest.mark.parametrize("field", ["ce_expects", "ce_reads"])
def test_anything_but_an_object_of_versions_is_void(text: bytes, field: str) -> None:
    assert heading_of(record({field: text}), 12) is None


@given(
    st.dictionaries(st.text(max_size=4) | st.sampled_from(["a", 'a"b', "a\\", "é", "\x7f", "\x1f"]), st.integers(0, 10**19), max_size=3),
    st.booleans(),
    st.booleans(),
)
def test_versions_read_alike_however_they_are_written(named: dict[str, int], compact: bool, ascii_only: bool) -> None:  # noqa: FBT001
    text = json.dumps(named, separators=(",", ":") if compact else None, ensure_ascii=ascii_only)
    expected = {stream: version if version < 10**18 else 1 << 80 for stream, version in named.items()}

    heading = heading_of(record({"ce_expects": text.encode()}), 12)

    assert heading is not None
    assert expected == heading.expects


@given(
    st.binary(max_size=6).map(lambda inside: b'{"' + inside + b'":1}')
    | st.text(max_size=6).map(lambda inside: f'{{"{inside}":1}}'.encode("utf-8", "surrogatepass"))
    | st.from_regex(rb'\{"a":[-+0-9.eE]{1,20}\}', fullmatch=True)
    | st.binary(max_size=20)
)
def test_what_is_read_fast_is_read_alike(text: bytes) -> None:
    assert _parsed(text) == _versions(text)


@pytest.mark.parametrize("field", ["ce_id", "ce_expects", "ce_reads"])
def test_each_field_stands_once(field: str) -> None:
    whole = list(record().headers)
    missing = [header for header in whole if header[0] != field]
    twice = [*whole, next(header for header in whole if header[0] == field)]

    assert heading_of(record(headers=missing), 12) is None
    assert heading_of(record(headers=twice), 12) is None


def test_nothing_else_counts() -> None:
    extra = [*record().headers, ("ce_type", b"\xff"), ("ce_type", b""), ("other", b"{")]

    assert heading_of(record(headers=extra), 12) is not None


def test_a_key_that_belongs_to_another_partition_is_void() -> None:
    assert heading_of(record(partition=(PARTITION + 1) % 12), 12) is None
    assert heading_of(record(key=None), 12) is None


def test_a_number_of_any_length_is_a_version_that_no_stream_has() -> None:
    heading = heading_of(record({"ce_expects": b'{"a":' + b"9" * 5000 + b"}"}), 12)

    assert heading is not None
    assert Verdict.CONFLICTING == judge(heading, lambda _: 9, lambda _: False)


@pytest.mark.parametrize(
    ("expects", "reads", "expected"),
    [
        ({"a": 2}, {}, Verdict.ACCEPTED),
        ({"a": 2, "b": 0}, {"a": 2}, Verdict.ACCEPTED),
        ({}, {}, Verdict.ACCEPTED),
        ({"a": 1}, {}, Verdict.CONFLICTING),
        ({"a": 3}, {}, Verdict.CONFLICTING),
        ({"a": 2, "b": 1}, {}, Verdict.CONFLICTING),
        ({"a": 2}, {"b": 1}, Verdict.CONFLICTING),
        ({}, {"a": 1}, Verdict.CONFLICTING),
    ],
)
def test_every_stream_named_stands_at_exactly_its_version(expects: dict[str, int], reads: dict[str, int], expected: Verdict) -> None:
    versions = {"a": 2}

    verdict = judge(Heading("x", expects, reads), lambda stream: versions.get(stream, 0), lambda _: False)

    assert expected == verdict


def test_an_attempt_is_decided_once() -> None:
    heading = Heading("x", {"a": 0}, {})

    assert Verdict.REPEATED == judge(heading, lambda _: 0, lambda attempt: attempt == "x")


def test_a_malformed_record_decides_nothing() -> None:
    assert Verdict.MALFORMED == judge(None, lambda _: 0, lambda _: False)
