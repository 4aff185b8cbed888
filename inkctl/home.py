"""The folder in which an embedded Inkstream lives: its log, its read models, its secrets, its own notes."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from inkctl.failures import Failed
from inkctl.parts.cache import ROOT

# A Unix socket's path has 108 bytes on Linux and 104 on macOS, the closing zero included.
LONGEST_SOCKET_PATH = 100


@dataclass(frozen=True)
class Home:
    """Where what is kept."""

    folder: Path

    @classmethod
    def here(cls) -> "Home":
        """Find the folder: `INKSTREAM_HOME`, else `.inkstream` in the checkout."""
        chosen = os.environ.get("INKSTREAM_HOME")
        return cls(Path(chosen).expanduser().absolute() if chosen else ROOT / ".inkstream")

    @property
    def kafka(self) -> Path:
        """The log: the only truth, and with the secrets the only thing to back up."""
        return self.folder / "kafka"

    @property
    def mongod(self) -> Path:
        """The read models, which the log can make again, and the working copies, which it can not."""
        return self.folder / "mongod"

    @property
    def secrets(self) -> Path:
        """The keys that open the log."""
        return self.folder / "secrets.json"

    @property
    def ports(self) -> Path:
        """The ports chosen at the first start."""
        return self.folder / "ports.json"

    @property
    def logs(self) -> Path:
        """What every process said, each in a file of its name."""
        return self.folder / "logs"

    @property
    def control(self) -> Path:
        """The socket of the supervisor; in the temporary folder where the home folder's path is too long for a socket."""
        near = self.folder / "control.sock"
        if len(os.fsencode(near)) <= LONGEST_SOCKET_PATH:
            return near
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"inkstream-{os.getuid()}-{digest}" / "control.sock"

    def has_data(self) -> bool:
        """Whether a log has ever been kept here."""
        return (self.kafka / "data").exists()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder for one supervisor; the system lets go of it however that one ends."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Failed(
                    "start",
                    f"an Inkstream already runs in {self.folder} (process {self._holder()})",
                    "look at it by `inkctl status`, stop it by `inkctl down`, or set INKSTREAM_HOME to another folder",
                ) from None
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield

    def is_held(self) -> bool:
        """Whether a supervisor runs here."""
        try:
            with (self.folder / "lock").open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def _holder(self) -> str:
        return (self.folder / "lock").read_text() or "unknown"
