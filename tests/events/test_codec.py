from dataclasses import fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.base import Event, Personal, PersonalFields, types
from events.catalogue import published
from events.codec import Malformed, UnknownSchema, _writer, decode, encode
from events.posts import PostAddress, PostDrafted, PostText
from events.records import MAGIC, Writer
from events.schema import without_none
from events.sealing import KeyErased, KeyMissing, seal
from tests.kit.specimens import CE_ID, EVENTS, POST_KEY, key_of

DRAFTED = next(event for event in EVENTS if isinstance(event, PostDrafted))


def values_of(annotation: Any) -> st.SearchStrategy[Any]:
    """Return every value that a field of the type may have."""
    inner, optional = without_none(annotation)
    if optional:
        return st.none() | values_of(inner)
    if get_origin(inner) is Personal:
        return st.builds(Personal, st.uuids(), records(get_args(inner)[0]))
    if get_origin(inner) is tuple:
        return st.lists(values_of(get_args(inner)[0]), max_size=4).map(tuple)
    if issubclass(inner, StrEnum):
        return st.sampled_from(list(inner))
    return {
        str: st.text(),
        int: st.integers(-(2**63), 2**63 - 1),
        bool: st.booleans(),
        bytes: st.binary(),
        UUID: st.uuids(),
        datetime: st.datetimes(timezones=st.just(UTC)),
    }[inner]


def records(cls: type[Any]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(cls)
    return st.builds(cls, **{field.name: values_of(hints[field.name]) for field in fields(cls)})


@settings(deadline=None)
@given(st.sampled_from(list(types().values())).flatmap(records), st.uuids())
def test_every_event_comes_back_as_it_was(event: Event, ce_id: UUID) -> None:
    value = encode(event, ce_id=ce_id, key_of=key_of)

    assert decode(value, ce_type=event.TYPE, ce_id=ce_id, key_of=key_of) == event


def record_bytes(record: PersonalFields) -> bytes:
    writer = Writer(type(record))
    return writer.write(writer.values(record))


def test_no_personal_word_stands_in_the_value() -> None:
    for event in EVENTS:
        value = encode(event, ce_id=CE_ID, key_of=key_of)

        for word in ("ada@", "Ada", "Firefox", "Maschinen", "maschinen", "missing", "Well said"):
            assert word.encode() not in value


def test_a_value_begins_with_the_magic_and_its_schemas_fingerprint() -> None:
    value = encode(DRAFTED, ce_id=CE_ID, key_of=key_of)

    assert value[:2] == b"\xc3\x01"
    assert published()[value[2:10]]["name"] == "inkstream.post.drafted.v1"


def test_what_an_erased_key_sealed_reads_as_defaults() -> None:
    value = encode(DRAFTED, ce_id=CE_ID, key_of=key_of)

    def erased(kid: UUID) -> bytes:
        raise KeyErased(kid)

    assert decode(value, ce_type=DRAFTED.TYPE, ce_id=CE_ID, key_of=erased) == replace(DRAFTED, text=Personal(POST_KEY, PostText()))


def test_a_key_that_is_only_missing_is_asked_for() -> None:
    value = encode(DRAFTED, ce_id=CE_ID, key_of=key_of)

    def missing(kid: UUID) -> bytes:
        raise KeyMissing(kid)

    with pytest.raises(KeyMissing, match=str(POST_KEY)):
        decode(value, ce_type=DRAFTED.TYPE, ce_id=CE_ID, key_of=missing)
    with pytest.raises(KeyMissing, match=str(POST_KEY)):
        encode(DRAFTED, ce_id=CE_ID, key_of=missing)


def test_a_sealed_group_opens_in_its_own_event_only() -> None:
    value = encode(DRAFTED, ce_id=CE_ID, key_of=key_of)

    with pytest.raises(Malformed, match="does not open"):
        decode(value, ce_type=DRAFTED.TYPE, ce_id=UUID(int=9), key_of=key_of)
    with pytest.raises(Malformed, match="does not open"):
        decode(value, ce_type=DRAFTED.TYPE, ce_id=CE_ID, key_of=lambda _: key_of(UUID(int=9)))
    with pytest.raises(Malformed, match="does not open"):
        decode(value.replace(POST_KEY.bytes, UUID(int=9).bytes), ce_type=DRAFTED.TYPE, ce_id=CE_ID, key_of=key_of)


@pytest.mark.parametrize("ce_type", ["inkstream.post.revised.v1", "inkstream.post-text.v1", "no such type", ""])
def test_a_value_of_another_type_is_malformed(ce_type: str) -> None:
    value = encode(DRAFTED, ce_id=CE_ID, key_of=key_of)

    with pytest.raises(Malformed):
        decode(value, ce_type=ce_type, ce_id=CE_ID, key_of=key_of)


def test_a_personal_record_is_no_event() -> None:
    with pytest.raises(Malformed, match="no event"):
        decode(record_bytes(PostText()), ce_type=PostText.TYPE, ce_id=CE_ID, key_of=key_of)


def test_a_schema_of_a_later_program_is_unknown_whatever_the_type() -> None:
    for ce_type in (DRAFTED.TYPE, "inkstream.post.pinned.v1"):
        with pytest.raises(UnknownSchema) as raised:
            decode(MAGIC + b"12345678" + b"body", ce_type=ce_type, ce_id=CE_ID, key_of=key_of)

        assert raised.value.fingerprint == b"12345678"


@pytest.mark.parametrize("value", [b"", b"\xc3\x01", b"\xc3\x011234567", b"{}", b"\xc3\x02" + b"12345678", bytes(100)])
def test_what_is_no_single_object_is_malformed(value: bytes) -> None:
    with pytest.raises(Malformed):
        decode(value, ce_type=DRAFTED.TYPE, ce_id=CE_ID, key_of=key_of)


def test_bytes_behind_the_event_are_malformed() -> None:
    with pytest.raises(Malformed, match="behind"):
        decode(encode(DRAFTED, ce_id=CE_ID, key_of=key_of) + b"\0", ce_type=DRAFTED.TYPE, ce_id=CE_ID, key_of=key_of)


def sealed_around(plain: bytes) -> bytes:
    """Return the value of a draft whose text is whatever bytes, properly sealed."""
    sealed = seal(plain, kid=POST_KEY, key=key_of(POST_KEY), ce_type=DRAFTED.TYPE, ce_id=CE_ID, name=PostText.TYPE)
    writer = Writer(PostDrafted)
    text = {"kid": sealed.kid.bytes, "nonce": sealed.nonce, "ciphertext": sealed.ciphertext}
    return writer.write({**writer.values(DRAFTED), "text": text})


def test_another_record_in_the_place_of_a_group_is_malformed() -> None:
    with pytest.raises(Malformed, match="post_address"):
        decode(sealed_around(record_bytes(PostAddress())), ce_type=DRAFTED.TYPE, ce_id=CE_ID, key_of=key_of)


HEADS = st.sampled_from([MAGIC + each for each in published()])


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[str, bytes]:
    """Return the value of some event with a few bytes changed."""
    event = draw(st.sampled_from(EVENTS))
    value = bytearray(encode(event, ce_id=CE_ID, key_of=key_of))
    for index, byte in draw(st.lists(st.tuples(st.integers(0, len(value) - 1), st.integers(0, 255)), max_size=4)):
        value[index] = byte
    return event.TYPE, bytes(value[: draw(st.integers(0, len(value)) | st.just(len(value)))])


ANY_TYPE = st.sampled_from(sorted(types())) | st.text()
ANY_BYTES = st.binary() | st.builds(lambda head, body: head + body, HEADS, st.binary())


@settings(max_examples=500, deadline=None)
@given(st.tuples(ANY_TYPE, ANY_BYTES) | st.tuples(st.just(DRAFTED.TYPE), ANY_BYTES.map(sealed_around)) | spoiled())
def test_any_bytes_are_an_event_or_unknown_or_malformed(record: tuple[str, bytes]) -> None:
    ce_type, value = record

    try:
        event = decode(value, ce_type=ce_type, ce_id=CE_ID, key_of=key_of)
    except (UnknownSchema, Malformed):
        return

    assert ce_type == event.TYPE


def test_what_no_published_schema_describes_can_not_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("events.codec.published", dict)
    _writer.cache_clear()

    with pytest.raises(TypeError, match="not published"):
        encode(DRAFTED, ce_id=CE_ID, key_of=key_of)
