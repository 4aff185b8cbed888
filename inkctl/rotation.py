"""The log file of one process: bounded, with a few older ones beside it."""

from pathlib import Path

LIMIT = 8 << 20
OLDER = 2


class RotatingFile:
    """Appends to `path`; once that has `limit` bytes it becomes `path.1`, and so on up to `path.2`."""

    def __init__(self, path: Path, limit: int = LIMIT) -> None:
        self.path = path
        self.problem: str | None = None
        self._limit = limit

    def write(self, data: bytes) -> None:
        """Append; what a full disk refuses is lost, and `problem` says so: a log must not stop what it reports on."""
        try:
            if self._size() + len(data) > self._limit:
                self._rotate()
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                file.write(data)
        except OSError as error:
            self.problem = str(error)
        else:
            self.problem = None

    def tail(self, lines: int) -> list[str]:
        """Give the last lines."""
        try:
            with self.path.open("rb") as file:
                file.seek(max(0, self._size() - (1 << 16)))
                return file.read().decode(errors="replace").splitlines()[-lines:]
        except OSError:
            return []

    def _size(self) -> int:
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def _rotate(self) -> None:
        for number in range(OLDER, 0, -1):
            older = self.path if number == 1 else self.path.with_name(f"{self.path.name}.{number - 1}")
            if older.exists():
                older.rename(self.path.with_name(f"{self.path.name}.{number}"))
