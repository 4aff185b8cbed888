"""`inkctl up`: install what is missing, start everything, and keep it running."""

import argparse
import asyncio
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from inkctl import control
from inkctl.home import Home
from inkctl.names import SERVICES
from inkctl.options import DEFAULT_PORT, Options
from inkctl.parts.cache import ROOT
from inkctl.rotation import RotatingFile

if TYPE_CHECKING:
    from inkctl.commands import Subparsers

MOST_REPLICAS = 8
LOOK_SECONDS = 0.2


def add_parser(subparsers: "Subparsers") -> None:
    """Say how it is called."""
    parser = subparsers.add_parser("up", help="start Inkstream and keep it running", description=__doc__)
    add_arguments(parser)
    parser.add_argument("--detach", action="store_true", help="return once everything is ready, and let it run in the background")
    parser.set_defaults(run=run)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be chosen at every start."""
    parser.add_argument("--port", type=_port, default=DEFAULT_PORT, help="port of the front door (default: %(default)s)")
    parser.add_argument(
        "--replicas",
        type=_replicas,
        action="append",
        default=[],
        metavar="SERVICE=N",
        help="run N processes of a service, e.g. posts_service=2; may be given for several services",
    )


def run(arguments: argparse.Namespace) -> int:
    """Do it."""
    if arguments.detach:
        return _detach(arguments)
    start(Options(port=arguments.port, replicas=dict(arguments.replicas)))
    return 0


def start(options: Options) -> None:
    """Run in the foreground until told to stop."""
    # Imported here: whoever asks for another command need not wait for it.
    from inkctl.report import Report  # noqa: PLC0415
    from inkctl.run import Run  # noqa: PLC0415

    async def live() -> None:
        await Run(Home.here(), options, Report())()

    asyncio.run(live())


def _detach(arguments: argparse.Namespace) -> int:
    home = Home.here()
    if home.is_held():
        with home.held():  # raises what there is to say
            pass
    log = RotatingFile(home.logs / "supervisor.log", limit=0)
    log.write(b"")  # the last run's is kept beside it
    replicas = [f"--replicas={name}={number}" for name, number in arguments.replicas]
    with log.path.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own words
            [sys.executable, "-m", "inkctl", "up", f"--port={arguments.port}", *replicas],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    with log.path.open() as said:
        while process.poll() is None:
            sys.stdout.write(said.read())
            sys.stdout.flush()
            if (told := control.ask(home.control, "status")) and told["ready"]:
                sys.stdout.write(said.read())
                return 0
            time.sleep(LOOK_SECONDS)
        sys.stdout.write(said.read())
    return process.returncode or 1


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port < 1 << 16:
        raise argparse.ArgumentTypeError(f"{port} is no port; ports are 1 to 65535")
    return port


def _replicas(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if name not in SERVICES or not number.isdigit() or not 1 <= int(number) <= MOST_REPLICAS:
        raise argparse.ArgumentTypeError(f"{text!r} is not SERVICE=N with one of {', '.join(SERVICES)} and 1 to {MOST_REPLICAS}")
    return name, int(number)
