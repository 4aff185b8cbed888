"""A Kafka that is encrypted, asks who comes, and lets nobody do what was not granted: one process of the test run."""

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from inkctl.parts import jars, warmth
from inkctl.parts.kafka import QUICK_START, SERVER_PROPERTIES, Kafka
from inkctl.ports import free_port
from tests.kit.processes import running

OPERATOR = "operator"
USERS = (OPERATOR, "auth", "posts", "comments", "query")
LOGIN = "org.apache.kafka.common.security"
PROTECTION = """
listeners=CLIENT://127.0.0.1:{port},GUARDED://127.0.0.1:{guarded_port},CONTROLLER://127.0.0.1:{controller_port}
listener.security.protocol.map=CLIENT:PLAINTEXT,GUARDED:SASL_SSL,CONTROLLER:PLAINTEXT
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:operator
ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.pem
listener.name.guarded.sasl.enabled.mechanisms=SCRAM-SHA-512,OAUTHBEARER
listener.name.guarded.scram-sha-512.sasl.jaas.config={login}.scram.ScramLoginModule required;
listener.name.guarded.oauthbearer.sasl.jaas.config={login}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="b";
"""


@dataclass(frozen=True)
class Guarded(Kafka):
    """The embedded Kafka with a second listener for everybody but the broker itself."""

    guarded_port: int = 0

    def prepare(self) -> None:
        """Make the broker's certificate as well: it is its own authority."""
        self.folder.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "broker")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        public = certificate.public_bytes(serialization.Encoding.PEM)
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        self.ca.write_bytes(public)
        (self.folder / "broker.pem").write_bytes(private + public)
        super().prepare()

    @property
    def ca(self) -> Path:
        """The authority that signed the broker's certificate."""
        return self.folder / "ca.pem"

    @property
    def guarded(self) -> str:
        """What clients call the bootstrap server."""
        return f"127.0.0.1:{self.guarded_port}"

    def format_arguments(self) -> list[str]:
        """Give every user a password, which is the name backwards."""
        return [word for user in USERS for word in ("--add-scram", f"SCRAM-SHA-512=[name={user},password={user[::-1]}]")]

    def properties(self, data: Path) -> str:
        """Add the protection; the last line of a name counts."""
        more = PROTECTION.format(
            port=self.port, guarded_port=self.guarded_port, controller_port=self.controller_port, folder=self.folder, login=LOGIN
        )
        return SERVER_PROPERTIES.format(port=self.port, controller_port=self.controller_port, data=data) + more


@contextmanager
def guarded_kafka(folder: Path) -> Iterator[Guarded]:
    """Run one."""
    class_path = jars.install(lambda _done, _all: None)
    warmth.prepare(class_path)
    plain = Kafka(folder, class_path, free_port(), free_port(), options=(*QUICK_START, *warmth.options()))
    engine = Guarded(**vars(replace(plain)), guarded_port=free_port())
    with running(engine, folder / "output.log"):
        yield engine


def token_of(user: str) -> str:
    """A token that says who comes, as this broker takes it: without a signature."""
    now = time.time()
    parts = ({"alg": "none"}, {"sub": user, "iat": now, "exp": now + 3600})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."
