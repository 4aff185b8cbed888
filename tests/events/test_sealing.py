import zlib
from dataclasses import dataclass, replace
from uuid import UUID

import pytest

from events.sealing import KEY_SIZE, LARGEST, Sealed, Unsealable, kek_id, lookup_hash, new_key, seal, unseal, unwrap, wrap

KEY = bytes(range(KEY_SIZE))
KID, CE_ID = UUID(int=1), UUID(int=2)


@dataclass(frozen=True)
class Place:
    """Where something is sealed, and with what."""

    key: bytes = KEY
    ce_type: str = "inkstream.post.drafted.v1"
    ce_id: UUID = CE_ID
    name: str = "inkstream.post-text.v1"


HERE = Place()


def sealed_here(plain: bytes) -> Sealed:
    return seal(plain, kid=KID, **vars(HERE))


def test_what_was_sealed_opens_in_its_place() -> None:
    sealed = sealed_here(b"a secret" * 100)

    assert unseal(sealed, **vars(HERE)) == b"a secret" * 100
    assert sealed.kid == KID
    assert b"secret" not in sealed.ciphertext


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(HERE, key=bytes(KEY_SIZE)),
        replace(HERE, ce_type="inkstream.post.revised.v1"),
        replace(HERE, ce_id=UUID(int=3)),
        replace(HERE, name="inkstream.comment-text.v1"),
    ],
)
def test_it_opens_with_no_other_key_and_in_no_other_place(elsewhere: Place) -> None:
    sealed = sealed_here(b"a secret")

    with pytest.raises(Unsealable):
        unseal(sealed, **vars(elsewhere))


@pytest.mark.parametrize("index", [0, 5, -1])
def test_a_changed_ciphertext_does_not_open(index: int) -> None:
    sealed = sealed_here(b"a secret")
    changed = bytearray(sealed.ciphertext)
    changed[index] ^= 1

    with pytest.raises(Unsealable):
        unseal(sealed._replace(ciphertext=bytes(changed)), **vars(HERE))


@pytest.mark.parametrize("nonce", [b"", bytes(11), bytes(12), bytes(13), bytes(200)])
def test_another_nonce_does_not_open(nonce: bytes) -> None:
    with pytest.raises(Unsealable):
        unseal(sealed_here(b"a secret")._replace(nonce=nonce), **vars(HERE))


def test_the_same_words_never_look_the_same() -> None:
    assert sealed_here(b"a secret") != sealed_here(b"a secret")


def test_what_unpacks_to_more_than_a_group_may_hold_is_refused() -> None:
    largest = bytes(LARGEST)

    assert unseal(sealed_here(largest), **vars(HERE)) == largest
    with pytest.raises(Unsealable, match="larger"):
        unseal(sealed_here(largest + b"x"), **vars(HERE))


@pytest.mark.parametrize("packed", [b"", b"words", b"x\x9c\x03", zlib.compress(b"words")[:-1], zlib.compress(b"words") + b"x"])
def test_what_is_not_one_compressed_text_is_refused(packed: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zlib.compress", lambda _: packed)
    sealed = sealed_here(b"words")

    with pytest.raises(Unsealable):
        unseal(sealed, **vars(HERE))


def test_a_key_of_another_length_is_a_fault_of_the_program() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        seal(b"a secret", kid=KID, **vars(replace(HERE, key=bytes(16))))


def test_a_wrapped_key_is_unwrapped_with_its_kek() -> None:
    key, kek = new_key(), new_key()

    wrapped = wrap(key, kek=kek, kid=KID, subject="user:1")

    assert unwrap(wrapped, kek=kek, kid=KID, subject="user:1") == key
    assert key not in wrapped


def test_a_wrapped_key_is_the_key_of_nothing_else() -> None:
    kek = new_key()
    wrapped = wrap(new_key(), kek=kek, kid=KID, subject="user:1")

    for other in ({"kek": new_key()}, {"kid": UUID(int=9)}, {"subject": "user:2"}):
        with pytest.raises(Unsealable):
            unwrap(wrapped, **{"kek": kek, "kid": KID, "subject": "user:1", **other})  # type: ignore[arg-type] # one of three differs
    with pytest.raises(Unsealable):
        unwrap(b"short", kek=kek, kid=KID, subject="user:1")


def test_keys_are_random_and_long_enough() -> None:
    assert len(new_key()) == KEY_SIZE
    assert new_key() != new_key()


def test_a_key_encryption_key_has_a_short_stable_name() -> None:
    assert kek_id(KEY) == "6320c83b"
    assert kek_id(new_key()) != kek_id(KEY)


def test_the_hash_in_a_streams_name_is_stable_and_tells_kinds_apart() -> None:
    assert lookup_hash(KEY, "handle", "ada") == "69031d3d8965e960b05de6de37a0b5bb11153fa63e3172e4e928fc6a761e956c"
    assert lookup_hash(KEY, "email", "ada") != lookup_hash(KEY, "handle", "ada")
    assert lookup_hash(new_key(), "handle", "ada") != lookup_hash(KEY, "handle", "ada")
