"""How clients reach Kafka: where it is, whether the connection is encrypted, and as whom they come."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from aiokafka.abc import AbstractTokenProvider

Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One way to a Kafka.

    `bootstrap` is `host:port`, several of them separated by commas. `tls` None: nothing is encrypted. `mechanism` None: the broker knows
    the client by its certificate, or not at all; OAUTHBEARER takes `tokens`, the others `user` and `password`.
    """

    bootstrap: str
    tls: ssl.SSLContext | None = None
    mechanism: Mechanism | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tokens: AbstractTokenProvider | None = None

    def options(self) -> dict[str, Any]:
        """What every client of aiokafka is told."""
        protocol = ("SASL_" if self.mechanism else "") + ("SSL" if self.tls else "PLAINTEXT")
        told: dict[str, Any] = {"bootstrap_servers": self.bootstrap, "security_protocol": protocol, "ssl_context": self.tls}
        if self.mechanism == "OAUTHBEARER":
            return {**told, "sasl_mechanism": self.mechanism, "sasl_oauth_token_provider": self.tokens}
        if self.mechanism is not None:
            return {**told, "sasl_mechanism": self.mechanism, "sasl_plain_username": self.user, "sasl_plain_password": self.password}
        return told


# A bare address is a way too: neither encrypted nor asked who comes.
Way = Connection | str


def options(way: Way) -> dict[str, Any]:
    """What every client of aiokafka is told to go this way."""
    return (Connection(bootstrap=way) if isinstance(way, str) else way).options()


def encrypted(*, ca: Path | None = None, certificate: Path | None = None, key: Path | None = None) -> ssl.SSLContext:
    """Trust the authorities in `ca` (those of the system where it is None), and show a certificate where one is named.

    Raises OSError (ssl.SSLError is one) for files that are missing or hold something else.
    """
    context = ssl.create_default_context(cafile=ca)
    if certificate is not None:
        context.load_cert_chain(certificate, key)
    return context
