"""`inkctl secrets ensure DIR`: make the secrets of a new installation, one file for each, for containers on one machine."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from inkctl.failures import Failed

if TYPE_CHECKING:
    from inkctl.commands import Subparsers


def add_parser(subparsers: "Subparsers") -> None:
    """Say how it is called."""
    parser = subparsers.add_parser("secrets", help="make the secrets of a new installation", description=__doc__)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    ensuring = actions.add_parser("ensure", help="make them where there are none", description=__doc__)
    ensuring.add_argument("folder", type=Path, metavar="DIR", help="the folder that they are in")
    ensuring.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do it: each file is named as its variable, INKSTREAM_KEK and so on; those that are there are never written again."""
    # Imported here: whoever asks for help need not wait for it.
    from inkctl.keyring import NAMES, WARNING, made  # noqa: PLC0415

    folder: Path = arguments.folder
    there = [name for name in NAMES if (folder / name).exists()]
    if there == list(NAMES):
        print(f"the secrets are in {folder}")
        return 0
    if there:
        missing = ", ".join(name for name in NAMES if name not in there)
        raise Failed("look for the secrets", f"{folder} lacks {missing}", "put your copy of it back; without it the data can not be opened")
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in made().items():
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(descriptor, "w") as file:
            file.write(value)
    print("\n".join(WARNING).format(path=folder))
    return 0
