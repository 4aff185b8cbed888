"""Room on the disk that the home folder is on: a full one is named before it does harm."""

import shutil
from pathlib import Path

from inkctl.failures import Failed

MEGABYTE = 1 << 20
TO_START = 500 * MEGABYTE
TO_GO_ON = 150 * MEGABYTE


def free_bytes(folder: Path) -> int:
    """Tell how many bytes are free where a folder is."""
    return shutil.disk_usage(folder).free


def complaint(folder: Path, needed: int = TO_GO_ON) -> str | None:
    """Say that the disk is full or nearly so; None where there is room."""
    free = free_bytes(folder)
    if free >= needed:
        return None
    return f"the disk of {folder} is full: {free // MEGABYTE} MB are free, {needed // MEGABYTE} MB are needed"


def refuse_full(folder: Path) -> None:
    """Raise `Failed` if there is too little room to start."""
    if words := complaint(folder, TO_START):
        raise Failed("start", words, "make room, or set INKSTREAM_HOME to a folder on another disk, then run the same command again")
