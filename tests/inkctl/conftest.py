"""Small programs for the supervisor to run, and a home folder of each test's own."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from inkctl.home import Home
from inkctl.programs import Program
from tests.kit.notices import Notices


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.folder.mkdir()
    return home


@pytest.fixture
def notices() -> Notices:
    return Notices()


@dataclass(frozen=True)
class Small:
    """A program written in Python, which serves once it has written its pid to a file."""

    folder: Path

    def program(self, name: str, script: str = "", *, stop_seconds: float = 10, start_seconds: float = 20) -> Program:
        """It writes its pid, and by default lives until it is told to end; `script` runs in between."""
        mark = self.folder / f"{name}.pid"
        whole = f"import os, signal, sys, time\n{script}\nopen({str(mark)!r}, 'a').write(f'{{os.getpid()}} ')\nsignal.pause()\n"

        async def serves() -> bool:
            return bool(self.pids(name)) and _is_alive(self.pids(name)[-1])

        return Program(
            name=name,
            command=[sys.executable, "-S", "-c", whole],
            port=1,
            serves=serves,
            stop_seconds=stop_seconds,
            start_seconds=start_seconds,
        )

    def pids(self, name: str) -> list[int]:
        mark = self.folder / f"{name}.pid"
        return [int(pid) for pid in mark.read_text().split()] if mark.exists() else []

    def note(self, name: str) -> str:
        """Say what a script may run to note that it is being ended."""
        order = json.dumps(str(self.folder / "order"))
        return f"signal.signal(signal.SIGTERM, lambda *_: (open({order}, 'a').write('{name} '), sys.exit(0)))"

    def order(self) -> list[str]:
        return (self.folder / "order").read_text().split()


def _is_alive(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return Small(tmp_path)
