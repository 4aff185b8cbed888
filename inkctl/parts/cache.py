"""Where downloaded parts are kept, for every checkout and every run of this user."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


def cache_folder() -> Path:
    """`INKSTREAM_CACHE`, else `inkstream` in the user's cache folder; outside the checkout, so that a fresh clone finds it filled."""
    if chosen := os.environ.get("INKSTREAM_CACHE"):
        return Path(chosen).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "inkstream"


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Let one process at a time fill `folder`; the others wait, then find it filled."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
