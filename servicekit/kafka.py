"""What a process is told about the log's Kafka, and the connection that this comes to."""

import ssl
from pathlib import Path
from typing import Any, Self

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from eventlog.connecting import Connection, Mechanism, encrypted
from servicekit.environment import Told, variable_of
from servicekit.tokens import FileTokens, GoogleTokens

GOOGLE = "google"
WITH_PASSWORD = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"}


class KafkaSettings(Told):
    """Where the log is, and how its Kafka is reached."""

    kafka: str = Field(min_length=1, description="Kafka's bootstrap servers, as host:port, separated by commas")
    kafka_tls: bool = Field(default=False, description="true where connections to Kafka are encrypted")
    kafka_ca: Path | None = Field(
        default=None,
        validate_default=True,
        description="a file with the authorities that sign Kafka's certificates; the system's where it is empty",
    )
    kafka_certificate: Path | None = Field(
        default=None, validate_default=True, description="a file with the certificate that is shown to Kafka, where it asks for one"
    )
    kafka_key: Path | None = Field(default=None, validate_default=True, description="a file with the key of that certificate")
    kafka_sasl: Mechanism | None = Field(
        default=None, description="how the process says to Kafka who it is: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER"
    )
    kafka_user: str | None = Field(default=None, validate_default=True, description="the user's name, for PLAIN and SCRAM")
    kafka_password: SecretStr | None = Field(default=None, validate_default=True, description="the user's password, for PLAIN and SCRAM")
    kafka_token: str | None = Field(
        default=None,
        validate_default=True,
        description=f"where tokens for OAUTHBEARER come from: {GOOGLE} (of the machine's service account), or a file that holds one",
    )
    topic_prefix: str = Field(default="inkstream.", description="stands before the short name of every topic")

    @field_validator("kafka_ca", "kafka_certificate", "kafka_key")
    @classmethod
    def _file(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value is not None and not info.data.get("kafka_tls"):
            raise PydanticCustomError("useless", "it has no meaning while " + variable_of("kafka_tls") + " is not true")
        if value is not None and not value.is_file():
            raise PydanticCustomError("file", "there is no such file")
        if info.field_name == "kafka_key" and value is None and info.data.get("kafka_certificate"):
            raise PydanticCustomError("absent", "it belongs to " + variable_of("kafka_certificate") + " and is missing")
        return value

    @field_validator("kafka_user", "kafka_password", "kafka_token")
    @classmethod
    def _of_mechanism(cls, value: Any, info: ValidationInfo) -> Any:
        mechanism = info.data.get("kafka_sasl")
        wanted = mechanism == "OAUTHBEARER" if info.field_name == "kafka_token" else mechanism in WITH_PASSWORD
        if wanted and value is None:
            raise PydanticCustomError("absent", "it is missing, and " + variable_of("kafka_sasl") + " asks for it")
        if value is not None and not wanted:
            raise PydanticCustomError("useless", "it has no meaning with this " + variable_of("kafka_sasl"))
        return value

    @classmethod
    def at(cls, bootstrap: str) -> Self:
        """The settings of a Kafka that asks for nothing."""
        return cls(kafka=bootstrap)

    def connection(self) -> Connection:
        """The way to Kafka. Raises OSError where a file can not be read as what it is said to be."""
        return Connection(
            bootstrap=self.kafka,
            tls=self._context() if self.kafka_tls else None,
            mechanism=self.kafka_sasl,
            user=self.kafka_user,
            password=self.kafka_password.get_secret_value() if self.kafka_password else None,
            tokens=self._tokens(),
        )

    def _context(self) -> ssl.SSLContext:
        return encrypted(ca=self.kafka_ca, certificate=self.kafka_certificate, key=self.kafka_key)

    def _tokens(self) -> GoogleTokens | FileTokens | None:
        if self.kafka_token is None:
            return None
        return GoogleTokens() if self.kafka_token == GOOGLE else FileTokens(Path(self.kafka_token))
