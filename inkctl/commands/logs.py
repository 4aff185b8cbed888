"""`inkctl logs NAME`: show what a process said last; `-f` goes on showing what it says."""

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from inkctl.failures import Failed
from inkctl.home import Home
from inkctl.rotation import RotatingFile

if TYPE_CHECKING:
    from inkctl.commands import Subparsers

LAST_LINES = 50
LOOK_SECONDS = 0.2


def add_parser(subparsers: "Subparsers") -> None:
    """Say how it is called."""
    parser = subparsers.add_parser("logs", help="show what a process said", description=__doc__)
    parser.add_argument("name", help="a name that `inkctl status` shows")
    parser.add_argument("-f", "--follow", action="store_true", help="go on until Ctrl-C")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do it."""
    folder = Home.here().logs
    path = folder / f"{arguments.name}.log"
    known = sorted(file.stem for file in folder.glob("*.log"))
    if arguments.name not in known:
        raise Failed(f"logs of {arguments.name}", "there are none", f"choose one of: {', '.join(known) or 'nothing was started yet'}")
    for line in RotatingFile(path).tail(LAST_LINES):
        print(line)
    if arguments.follow:
        _follow(path)
    return 0


def _follow(path: Path) -> None:
    position = path.stat().st_size
    while True:
        size = path.stat().st_size if path.exists() else 0
        if size < position:  # it was rotated
            position = 0
        if size > position:
            with path.open("rb") as file:
                file.seek(position)
                sys.stdout.buffer.write(file.read(size - position))
                sys.stdout.flush()
            position = size
        time.sleep(LOOK_SECONDS)
