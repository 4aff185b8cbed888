"""What the processes of one installation are told: addresses, ports and secrets, as `INKSTREAM_*` settings."""

from collections.abc import Mapping
from dataclasses import dataclass

from inkctl import keyring, ports
from inkctl.failures import Failed
from inkctl.home import Home
from inkctl.names import AUTH, DOOR, KAFKA, MONGOD


@dataclass(frozen=True)
class Installation:
    """An embedded Inkstream: its home folder, its ports by name, its secrets by the name of their setting."""

    home: Home
    ports: Mapping[str, int]
    secrets: Mapping[str, str]

    @classmethod
    def existing(cls, home: Home | None = None) -> "Installation":
        """Read that of the home folder, for commands that work on it.

        Raises `Failed` where none was ever started.
        """
        home = home or Home.here()
        if not home.has_data():
            raise Failed(
                "look for an Inkstream", f"none was ever started in {home.folder}", "start one by `make up`, or set INKSTREAM_HOME"
            )
        return cls(home, ports.read(home.ports), keyring.load(home))

    @property
    def public_url(self) -> str:
        """Where browsers reach it."""
        return f"http://{ports.LOOPBACK}:{self.ports[DOOR]}"

    def settings(self, service: str | None = None) -> dict[str, str]:
        """Give the environment of a service; the key of credentials is auth's alone. Without a service: all of it, for operators."""
        told = {
            "INKSTREAM_HOME": str(self.home.folder),
            "INKSTREAM_KAFKA": f"{ports.LOOPBACK}:{self.ports[KAFKA]}",
            "INKSTREAM_MONGO": f"mongodb://{ports.LOOPBACK}:{self.ports[MONGOD]}/?directConnection=true",
            "INKSTREAM_PUBLIC_URL": self.public_url,
            **self.secrets,
        }
        if service not in {AUTH, None}:
            del told["INKSTREAM_CREDENTIALS_KEK"]
        return told
