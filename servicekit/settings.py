"""What a service is told by its environment, read once at the start and never changed."""

import base64
import binascii
import ipaddress
import secrets
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

import limits
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretBytes, SecretStr, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

PREFIX = "INKSTREAM_"
KEY_BYTES = 32


class SettingsError(Exception):
    """The environment does not say what the service must know; the message names each variable, the fault and the cure."""


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


class Settings(BaseModel):
    """What every service needs. A service adds its own fields in a subclass; each is a variable `INKSTREAM_<NAME>`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kafka: str = Field(min_length=1, description="Kafka's bootstrap servers, as host:port, separated by commas")
    mongo: SecretStr = Field(description="the connection string of MongoDB, a replica set")
    port: int = Field(ge=0, le=65535, description="the port to listen on (0: any free one)")
    host: str = Field(default="127.0.0.1", description="the address to listen on")
    public_url: BaseUrl = Field(description="where browsers reach the installation, as https://blog.example")
    kek: KeyBytes = Field(description="the key that wraps data keys: 32 bytes in base64url")
    credentials_kek: KeyBytes | None = Field(default=None, description="the key that wraps the keys of credentials, for auth_service only")
    lookup_key: KeyBytes = Field(description="the key that makes the hashes of handles, e-mails and slugs: 32 bytes in base64url")
    lease_ms: int = Field(default=3000, ge=100, description="how long a replica leads a partition without renewing, in milliseconds")
    drain_ms: int = Field(default=200, ge=0, description="how long a stopping service still answers while it is reported not ready")
    topic_prefix: str = Field(default="inkstream.", description="stands before the short name of every topic")
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
    trusted_proxies: Annotated[tuple[Network, ...], BeforeValidator(_networks)] = Field(
        default=(), description="networks, beside loopback, whose X-Forwarded-For is believed, separated by spaces"
    )

    @property
    def secure(self) -> bool:
        """Whether browsers come by https, so that cookies must be Secure."""
        return self.public_url.startswith("https://")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read the variables; an empty one counts as missing. Raises SettingsError with one line for each that is wrong."""
        given = {name: environ[variable] for name in cls.model_fields if environ.get(variable := variable_of(name))}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            lines = [cls._complaint(fault) for fault in error.errors(include_input=False, include_url=False)]
        raise SettingsError("\n".join(lines))

    @classmethod
    def _complaint(cls, fault: ErrorDetails) -> str:
        name = str(fault["loc"][0])
        what = "is missing" if fault["type"] == "missing" else f"is wrong: {fault['msg'][0].lower()}{fault['msg'][1:]}"
        return f"{variable_of(name)} {what}. Set it to {cls.model_fields[name].description}."

    @classmethod
    def table(cls) -> list[tuple[str, str, str]]:
        """Return variable, default and meaning of every setting, for the documentation."""
        return [(variable_of(name), _default(field), field.description or "") for name, field in cls.model_fields.items()]


def variable_of(field: str) -> str:
    """Name the environment variable of a setting."""
    return PREFIX + field.upper()


def _default(field: Any) -> str:
    if field.is_required():
        return "required"
    return "" if field.default_factory is not None or field.default in (None, ()) else str(field.default)
