"""What a file was in every commit before: some may only grow, and a test of the present alone would not see that one was replaced."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]


def contents(file: Path) -> Iterator[tuple[str, str]]:
    """A file's text in each commit that changed it, with the commit's short hash."""
    path = file.relative_to(ROOT).as_posix()
    for commit in _git("log", "--format=%h", "--", path).split():
        yield commit, _git("show", f"{commit}:{path}")


def _git(*command: str) -> str:
    done = subprocess.run([shutil.which("git") or "git", *command], cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603 - no input from outside
    return done.stdout
