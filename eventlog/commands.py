"""The names of commands: their ids, their attempts, and the addresses where their outcome can be asked for."""

import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID, uuid5

from eventlog.partitioner import partition_of
from eventlog.record import Partition
from eventlog.topics import TOPICS

ATTEMPTS = 5
_MAC_LENGTH = 32


class NoSuchCommand(Exception):
    """The address is none that was given to this asker."""


def attempt_id(command_id: UUID, n: int) -> UUID:
    """The id of a command's attempt n, of 0 to 4."""
    return uuid5(command_id, str(n))


@dataclass(frozen=True, slots=True)
class Address:
    """Where a command's outcome can be asked for: `{topic}.{partition key}.{command id}.{mac}`."""

    topic: str
    key: str
    command_id: UUID

    @property
    def place(self) -> Partition:
        """The partition that holds the command's attempts."""
        return Partition(self.topic, partition_of(self.key.encode(), TOPICS[self.topic].partitions))

    def attempts(self) -> list[str]:
        """The ids of all its attempts, in order."""
        return [str(attempt_id(self.command_id, n)) for n in range(ATTEMPTS)]


class CommandNames:
    """Makes ids and addresses under the installation's lookup key, so that nobody guesses another's."""

    def __init__(self, lookup_key: bytes) -> None:
        self._key = lookup_key

    def command_id(self, *, actor: str, topic: str, key: str, idempotency_key: str) -> UUID:
        """The id of the command that an actor calls by an `Idempotency-Key`: the same again for the same four."""
        return UUID(bytes=self._hash("command", actor, topic, key, idempotency_key)[:16], version=5)

    def request(self, route: str, body: bytes) -> str:
        """What was asked, as a keyed hash: tells another payload under the same key. `body` holds no secrets."""
        return self._hash("request", route, body.hex()).hex()

    def anonymous(self, route: str, email: str) -> str:
        """The actor of a request without a signed-in user."""
        return "anonymous:" + self._hash("anonymous", route, email).hex()[:32]

    def write(self, address: Address, actor: str) -> str:
        """An address as text, good for its actor alone ("" for one who was not signed in)."""
        return f"{address.topic}.{address.key}.{address.command_id}.{self._mac(address, actor)}"

    def read(self, text: str, actor: str) -> Address:
        """An address from its text. Raises NoSuchCommand where it was not given to this actor, or to one who was not signed in."""
        try:
            topic, key, command_id, mac = text.split(".")
            address = Address(topic, key, UUID(command_id))
        except ValueError:
            raise NoSuchCommand(text) from None
        known = topic in TOPICS and not TOPICS[topic].compacted and mac.isascii()
        if not known or not any(hmac.compare_digest(mac, self._mac(address, each)) for each in {actor, ""}):
            raise NoSuchCommand(text)
        return address

    def _mac(self, address: Address, actor: str) -> str:
        return self._hash("address", address.topic, address.key, str(address.command_id), actor).hex()[:_MAC_LENGTH]

    def _hash(self, *parts: str) -> bytes:
        # Lengths before the parts: no two lists of parts read alike.
        text = "".join(f"{len(part)}:{part}" for part in parts)
        return hmac.new(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
