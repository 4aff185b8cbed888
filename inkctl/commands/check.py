"""`inkctl check URL`: be a new author of a running installation: sign up, publish, and read what was written."""

import argparse
import asyncio
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inkctl.commands import Subparsers

PASSWORD = "INKSTREAM_CHECK_PASSWORD"  # noqa: S105 - a variable's name
LONG = (
    "Sign up, write, publish, and read it with the token of the write: exit code 0 where all of that works. The account and the post stay. "
    "Beware of an installation that nobody has an account on yet: the first account is its administrator. "
    f"With --login, no account is made, and {PASSWORD} holds the password."
)


def add_parser(subparsers: "Subparsers") -> None:
    """Say how it is called."""
    parser = subparsers.add_parser("check", help="sign up, publish and read, as a person would", description=LONG)
    parser.add_argument("url", metavar="URL", help="where browsers reach the installation, as https://blog.example")
    parser.add_argument("--login", metavar="NAME", help="the handle of an account to use")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do it."""
    # Imported here: whoever asks for help need not wait for it.
    from inkctl.checking import check  # noqa: PLC0415

    asyncio.run(check(arguments.url.rstrip("/"), arguments.login, os.environ.get(PASSWORD, "")))
    return 0
