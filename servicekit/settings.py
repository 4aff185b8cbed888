"""What a service is told by its environment, read once at the start and never changed."""

import base64
import binascii
import ipaddress
import secrets
from typing import Annotated, Literal

import limits
from pydantic import AfterValidator, BeforeValidator, Field, SecretBytes, SecretStr
from pydantic_core import PydanticCustomError

from servicekit.kafka import KafkaSettings

KEY_BYTES = 32


def _key(value: object) -> bytes:
    """Decode a key; the message must never repeat it."""
    try:
        key = base64.b64decode(str(value).rstrip("=") + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise PydanticCustomError("key", "is not a key of 32 bytes in base64url (43 characters)")
    return key


def _base_url(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise PydanticCustomError("url", "does not begin with http:// or https://")
    return value.rstrip("/")


def _networks(value: object) -> object:
    return value.split() if isinstance(value, str) else value


def _rate(value: str) -> str:
    try:
        welcome = limits.parse(value).amount > 0
    except ValueError:
        welcome = False
    if not welcome:
        raise PydanticCustomError("rate", "is not a rate above nothing, as 10/minute")
    return value


KeyBytes = Annotated[SecretBytes, BeforeValidator(_key)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
Rate = Annotated[str, AfterValidator(_rate)]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Settings(KafkaSettings):
    """What every service needs. A service adds its own fields in a subclass; each is a variable `INKSTREAM_<NAME>`."""

    mongo: SecretStr = Field(description="the connection string of MongoDB, a replica set")
    port: int = Field(ge=0, le=65535, description="the port to listen on (0: any free one)")
    host: str = Field(default="127.0.0.1", description="the address to listen on")
    public_url: BaseUrl = Field(description="where browsers reach the installation, as https://blog.example")
    kek: KeyBytes = Field(description="the key that wraps data keys: 32 bytes in base64url")
    credentials_kek: KeyBytes | None = Field(default=None, description="the key that wraps the keys of credentials, for auth_service only")
    lookup_key: KeyBytes = Field(description="the key that makes the hashes of handles, e-mails and slugs: 32 bytes in base64url")
    lease_ms: int = Field(default=3000, ge=100, description="how long a replica leads a partition without renewing, in milliseconds")
    drain_ms: int = Field(default=200, ge=0, description="how long a stopping service still answers while it is reported not ready")
    database_prefix: str = Field(default="inkstream_", description="stands before the name of every database")
    compression: Literal["none", "gzip", "lz4", "zstd"] = Field(
        default="zstd", description="how records are compressed on the way to Kafka"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="the least important message that is logged"
    )
    replica: str = Field(default_factory=lambda: secrets.token_hex(4), description="the name of this process among its replicas (random)")
    address_rate: Rate = Field(default="600/minute", description="how many attempts to sign in or up one address has, as 600/minute")
    account_rate: Rate = Field(default="10/minute", description="how many wrong passwords one account may be tried with, as 10/minute")
    topics_patience_ms: int = Field(
        default=0, ge=0, description="how long a starting service waits for topics that are still being made, in milliseconds"
    )
    trusted_hops: int = Field(
        default=1,
        ge=1,
        description="how many of the last addresses in X-Forwarded-For were written by trusted proxies; the client is the first of them",
    )
    trusted_proxies: Annotated[tuple[Network, ...], BeforeValidator(_networks)] = Field(
        default=(), description="networks, beside loopback, whose X-Forwarded-For is believed, separated by spaces"
    )

    @property
    def secure(self) -> bool:
        """Whether browsers come by https, so that cookies must be Secure."""
        return self.public_url.startswith("https://")
