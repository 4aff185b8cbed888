"""Files that are whole or not there: written aside, forced to the disk, then renamed."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

ASIDE = ".new"  # ends the name of a file that is not whole yet
LOCK = ".lock"


class ArchiveRefused(Exception):
    """A backup can not be used for what was asked: why, and what to do about it."""

    def __init__(self, why: str, cure: str) -> None:
        super().__init__(why)
        self.why = why
        self.cure = cure


def aside(path: Path) -> Path:
    """Where a file is written until it is whole."""
    return path.with_name(path.name + ASIDE)


def keep(file: BinaryIO, path: Path) -> None:
    """Close a file that was written aside, and give it its name for good."""
    file.flush()
    os.fsync(file.fileno())
    file.close()
    aside(path).rename(path)
    _sync(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, for good."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync(folder.parent)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Be the only one that writes into a folder. Raises ArchiveRefused where another process does."""
    with (folder / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ArchiveRefused(f"another process exports into {folder}", "wait until it has ended") from None
        yield


def _sync(folder: Path) -> None:
    """Force the names in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
