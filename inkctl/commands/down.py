"""`inkctl down`: stop everything, in order, and wait until it has stopped."""

import argparse
import time
from typing import TYPE_CHECKING

from inkctl import control
from inkctl.failures import Failed
from inkctl.home import Home

if TYPE_CHECKING:
    from inkctl.commands import Subparsers

STOP_SECONDS = 120.0
LOOK_SECONDS = 0.1


def add_parser(subparsers: "Subparsers") -> None:
    """Say how it is called."""
    parser = subparsers.add_parser("down", help="stop Inkstream; everything is kept", description=__doc__)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do it."""
    del arguments
    home = Home.here()
    if not home.is_held():
        print(f"Nothing runs in {home.folder}.")
        return 0
    # Imported here: whoever asks for another command need not wait for it.
    from inkctl.report import Report  # noqa: PLC0415

    with Report().step("Stop everything, in order"):
        control.ask(home.control, "stop")
        deadline = time.monotonic() + STOP_SECONDS
        while home.is_held():
            if time.monotonic() > deadline:
                raise Failed(
                    "stop",
                    f"it still runs after {STOP_SECONDS:.0f} s",
                    f"read {home.logs}, then end the process named in {home.folder / 'lock'}",
                )
            time.sleep(LOOK_SECONDS)
    return 0
