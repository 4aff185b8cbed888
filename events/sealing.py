"""How personal fields, and the keys that open them, become unreadable: AES-256-GCM, and keyed hashes for names."""

import hashlib
import hmac
import os
import zlib
from functools import lru_cache
from typing import Final, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_SIZE: Final = 32
LARGEST: Final = 4 << 20  # bytes of one group, opened: far above what a record can hold, far below what hurts
_NONCE_SIZE: Final = 12


class KeyMissing(Exception):
    """The data key `kid` is not known here, and nothing says that it was erased."""

    def __init__(self, kid: UUID) -> None:
        super().__init__(f"the data key {kid} is not known")
        self.kid = kid


class KeyErased(Exception):
    """The data key `kid` was destroyed: what it sealed is gone for ever."""

    def __init__(self, kid: UUID) -> None:
        super().__init__(f"the data key {kid} was erased")
        self.kid = kid


class Unsealable(Exception):
    """This is not what was sealed here: the key, the place or the bytes are others."""


class Sealed(NamedTuple):
    """A group of personal fields as the log holds it."""

    kid: UUID
    nonce: bytes
    ciphertext: bytes


def new_key() -> bytes:
    """Make a random key."""
    return os.urandom(KEY_SIZE)


def seal(plain: bytes, *, kid: UUID, key: bytes, ce_type: str, ce_id: UUID, name: str) -> Sealed:
    """Compress and encrypt the record `name` so that it opens in this one event only."""
    nonce = os.urandom(_NONCE_SIZE)
    # Compressed first: ciphertext does not compress on its way to the log.
    return Sealed(kid, nonce, _cipher(key).encrypt(nonce, zlib.compress(plain), _place(ce_type, ce_id, name)))


def unseal(sealed: Sealed, *, key: bytes, ce_type: str, ce_id: UUID, name: str) -> bytes:
    """Return what `seal` was given, or raise Unsealable."""
    packed = _decrypt(key, sealed.nonce, sealed.ciphertext, _place(ce_type, ce_id, name))
    unpacking = zlib.decompressobj()
    try:
        plain = unpacking.decompress(packed, LARGEST)
    except zlib.error as error:
        raise Unsealable("what was sealed is not compressed") from error
    if not unpacking.eof or unpacking.unused_data:
        raise Unsealable(f"what was sealed is cut off, has something behind it, or is larger than {LARGEST} bytes")
    return plain


def wrap(key: bytes, *, kek: bytes, kid: UUID, subject: str) -> bytes:
    """Encrypt a key under a key-encryption key so that it can be kept as the key `kid` of `subject`, and as no other."""
    nonce = os.urandom(_NONCE_SIZE)
    return nonce + _cipher(kek).encrypt(nonce, key, f"{kid}|{subject}".encode())


def unwrap(wrapped: bytes, *, kek: bytes, kid: UUID, subject: str) -> bytes:
    """Return what `wrap` was given, or raise Unsealable."""
    return _decrypt(kek, wrapped[:_NONCE_SIZE], wrapped[_NONCE_SIZE:], f"{kid}|{subject}".encode())


def kek_id(kek: bytes) -> str:
    """Return a short name for a key-encryption key, which tells nothing about it."""
    return hashlib.sha256(b"inkstream.kek|" + kek).hexdigest()[:8]


def lookup_hash(key: bytes, kind: str, text: str) -> str:
    """Return what stands for `text` in the name of a stream: an HMAC under the installation's lookup key, in hex.

    `text` is to be in its one normal form already (a handle or an e-mail address in small letters, for example).
    """
    return hmac.digest(key, f"{kind}|{text}".encode(), "sha256").hex()


def _place(ce_type: str, ce_id: UUID, name: str) -> bytes:
    return f"{ce_type}|{ce_id}|{name}".encode()


def _decrypt(key: bytes, nonce: bytes, ciphertext: bytes, place: bytes) -> bytes:
    if len(nonce) != _NONCE_SIZE:
        raise Unsealable("the nonce has another length")
    try:
        return _cipher(key).decrypt(nonce, ciphertext, place)
    except InvalidTag as error:
        raise Unsealable("the key, the place or the bytes are not those that it was sealed with") from error


@lru_cache(maxsize=4096)  # an erased key may stay in a process's memory until others push it out; it is never stored
def _cipher(key: bytes) -> AESGCM:
    if len(key) != KEY_SIZE:
        raise ValueError(f"a key has {KEY_SIZE} bytes")
    return AESGCM(key)
