"""`inkctl dev`: like `up`, but what is changed in the code takes effect at once, in the services and in the browser."""

import argparse
from typing import TYPE_CHECKING

from inkctl.commands import up
from inkctl.options import Options

if TYPE_CHECKING:
    from inkctl.commands import Subparsers


def add_parser(subparsers: "Subparsers") -> None:
    """Say how it is called."""
    parser = subparsers.add_parser("dev", help="start Inkstream for development: reloads on change", description=__doc__)
    up.add_arguments(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do it."""
    up.start(Options(port=arguments.port, replicas=dict(arguments.replicas), develop=True))
    return 0
