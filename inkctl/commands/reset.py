"""`inkctl reset`: delete everything that was ever written here, the secrets included. It asks first."""

import argparse
import shutil
import sys
from typing import TYPE_CHECKING

from inkctl.failures import Failed
from inkctl.home import Home

if TYPE_CHECKING:
    from inkctl.commands import Subparsers

WORD = "delete"


def add_parser(subparsers: "Subparsers") -> None:
    """Say how it is called."""
    parser = subparsers.add_parser("reset", help="delete all data and secrets, after asking", description=__doc__)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do it."""
    home = Home.here()
    if not home.folder.exists():
        print(f"There is nothing in {home.folder}.")
        return 0
    if not arguments.yes and not _agreed(home):
        print("Nothing was deleted.")
        return 1
    with home.held():
        _delete(home)
    print(f"{home.folder} is empty; `make up` begins anew.")
    return 0


def _agreed(home: Home) -> bool:
    if not sys.stdin.isatty():
        raise Failed("reset", "there is nobody to ask", "say --yes if you mean it")
    print(f"This deletes every post, every account and the secrets in {home.folder}, for good.")
    return input(f"Type {WORD} to go on: ").strip() == WORD


def _delete(home: Home) -> None:
    """Delete what is ours and nothing else: the folder may have been chosen by mistake."""
    for path in (home.kafka, home.mongod, home.logs):
        shutil.rmtree(path, ignore_errors=True)
    for path in (home.secrets, home.ports, home.control):
        path.unlink(missing_ok=True)
