"""The keys of an installation, folded from the log: data keys that seal personal fields, and the keys that sign access tokens."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import NoReturn
from uuid import UUID, uuid4

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from eventlog.deciding import Behind
from eventlog.log import Log, OutcomeUnknown
from eventlog.record import Partition, Record
from events import codec
from events.base import Event
from events.jwks import SigningKeyMade
from events.keys import DataKeyMade
from events.sealing import KeyErased, KeyMissing, kek_id, new_key, unwrap, wrap
from servicekit.following import Following

SIGNING = "jwks"


class KeyWithheld(KeyErased):
    """The key exists, but is wrapped under one that this service has not: what it seals reads as erased here."""


class WrongKek(Exception):
    """The key that this process was given is not the one that the installation's keys are wrapped under."""


class DataKeys:
    """The data keys of one or more key topics. `keks`: the keys that this service can unwrap with; `own`: the topic that it may write."""

    def __init__(self, log: Log, topics: Iterable[str], *, keks: Iterable[bytes], own: str | None, clock: Callable[[], datetime]) -> None:
        self._log = log
        self._keks = {kek_id(kek): kek for kek in keks}
        self._main = next(iter(self._keks))
        self._own = own
        self._clock = clock
        self._made: dict[UUID, DataKeyMade] = {}
        self._opened: dict[UUID, bytes] = {}
        self._erased: set[UUID] = set()
        self.following = Following(log, topics, self._fold)

    def key_of(self, kid: UUID) -> bytes:
        """The data key. Raises KeyMissing, or KeyErased where it was forgotten or may not be had."""
        key = self._opened.get(kid)
        if key is not None:
            return key
        if kid in self._erased:
            raise KeyErased(kid)
        made = self._made.get(kid)
        if made is None:
            raise KeyMissing(kid)
        if made.kek not in self._keks:
            raise KeyWithheld(kid)
        key = self._opened[kid] = unwrap(made.wrapped, kek=self._keks[made.kek], kid=kid, subject=made.subject)
        return key

    async def catch_up(self) -> None:
        """Read the key topics to their ends as they stand now."""
        await self.following.catch_up()

    def check(self) -> None:
        """Refuse to go on with a wrong key: every personal field would read as erased, and be folded so. Raises WrongKek."""
        if self._made and not any(made.kek == self._main for made in self._made.values()):
            raise WrongKek(
                f"INKSTREAM_KEK (its id is {self._main}) wraps none of the {len(self._made)} keys on the log: "
                "start with the key that this installation was made with"
            )

    async def make(self, subject: str, command_id: UUID, *, kek: bytes | None = None) -> UUID:
        """Make a key for a subject, and wait until the log holds it. `kek` None: the first of `keks`.

        Raises Behind where it is not known whether the log holds it.
        """
        if self._own is None:
            raise RuntimeError("this service has no key topic of its own")
        wrapping = kek if kek is not None else self._keks[self._main]
        kid, key = uuid4(), new_key()
        wrapped = wrap(key, kek=wrapping, kid=kid, subject=subject)
        made = DataKeyMade(kid=kid, subject=subject, command_id=command_id, kek=kek_id(wrapping), wrapped=wrapped, at=self._clock())
        try:
            await _append(self._log, self._own, kid, made)
        except OutcomeUnknown as error:
            raise Behind(f"a new key is not known to be kept: {error}") from error
        self._made[kid] = made
        return kid

    def _fold(self, record: Record) -> None:
        try:
            kid = UUID((record.key or b"").decode())
        except ValueError:
            return  # no key of ours, and no place to stop at
        if record.value is None:
            self._erased.add(kid)
            self._made.pop(kid, None)
            self._opened.pop(kid, None)
            return
        made = key_in(record)
        if isinstance(made, DataKeyMade) and made.kid == kid and kid not in self._erased:
            self._made[kid] = made


class SigningKeys:
    """The keys that access tokens are signed with: everybody verifies, auth alone signs."""

    def __init__(self, log: Log, *, kek: bytes, clock: Callable[[], datetime]) -> None:
        self._log = log
        self._kek = kek
        self._clock = clock
        self._made: dict[str, SigningKeyMade] = {}
        self.following = Following(log, [SIGNING], self._fold)

    @property
    def ready(self) -> bool:
        """Whether the topic was read once to its end."""
        return self.following.ready

    def public_key(self, kid: str) -> Ed25519PublicKey | None:
        """The public part of a key."""
        made = self._made.get(kid)
        return Ed25519PublicKey.from_public_bytes(made.public) if made is not None else None

    def published(self) -> Mapping[str, bytes]:
        """All public parts, 32 bytes each, by key id."""
        return {kid: made.public for kid, made in self._made.items()}

    def signing_key(self) -> tuple[str, Ed25519PrivateKey]:
        """The key to sign with: the oldest that there is, the same on every replica. LookupError before `ensure`."""
        kid, made = min(self._made.items(), key=lambda item: (item[1].at, item[0]), default=("", None))
        if made is None:
            raise LookupError("there is no signing key yet")
        return kid, Ed25519PrivateKey.from_private_bytes(unwrap(made.sealed_private, kek=self._kek, kid=made.kid, subject=SIGNING))

    async def ensure(self) -> None:
        """Make a key where the topic, read to its end, has none. Replicas that race make more than one, which does no harm."""
        await self.following.catch_up()
        if self._made:
            return
        key, kid = Ed25519PrivateKey.generate(), uuid4()
        raw = key.private_bytes(serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())
        public = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        sealed = wrap(raw, kek=self._kek, kid=kid, subject=SIGNING)
        await _append(
            self._log, SIGNING, kid, SigningKeyMade(kid=kid, public=public, kek=kek_id(self._kek), sealed_private=sealed, at=self._clock())
        )
        await self.following.catch_up()

    def _fold(self, record: Record) -> None:
        if record.value is None:
            self._made.pop((record.key or b"").decode(errors="replace"), None)
            return
        made = key_in(record)
        if isinstance(made, SigningKeyMade):
            self._made[str(made.kid)] = made


async def _append(log: Log, topic: str, kid: UUID, made: DataKeyMade | SigningKeyMade) -> None:
    """Append a key. Key topics are compacted and judged by nobody: a key is written once, by whoever made it."""
    ce_id = uuid4()
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(ce_id).encode()),
        ("ce_type", made.TYPE.encode()),
        ("ce_source", b"/keys"),
        ("ce_time", made.at.isoformat().replace("+00:00", "Z").encode()),
        ("content-type", b"application/avro"),
    ]
    await log.append(Partition(topic, 0), str(kid).encode(), codec.encode(made, ce_id=ce_id, key_of=_no_key), headers)


def key_in(record: Record) -> Event | None:
    """The key that a record tells of; None for what is none: a key topic is no place to stop at."""
    try:
        return codec.decode(record.value or b"", ce_type=record.text("ce_type"), ce_id=UUID(record.text("ce_id")), key_of=_no_key)
    except (codec.Malformed, codec.UnknownSchema, ValueError):
        return None


def _no_key(kid: UUID) -> NoReturn:
    raise KeyMissing(kid)
