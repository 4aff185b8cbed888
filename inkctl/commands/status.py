"""`inkctl status`: show what runs, and how it is doing."""

import argparse
import json
from typing import TYPE_CHECKING

from inkctl import control, ports
from inkctl.home import Home
from inkctl.names import DOOR, KAFKA_CONTROLLER, port_names
from inkctl.programs import State

if TYPE_CHECKING:
    from inkctl.commands import Subparsers
    from inkctl.supervisor import Row

STYLES = {State.READY: "green", State.STARTING: "cyan", State.RESTARTING: "yellow", State.FAILED: "bold red", State.STOPPED: "dim"}


def add_parser(subparsers: "Subparsers") -> None:
    """Say how it is called."""
    parser = subparsers.add_parser("status", help="show what runs", description=__doc__)
    parser.add_argument("--json", action="store_true", help="as a list of {name, pid, port, state}")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do it."""
    rows = rows_of(Home.here())
    if arguments.json:
        print(json.dumps(rows))
        return 0
    _show(rows)
    return 0


def _show(rows: "list[Row]") -> None:
    # Imported here: a program that asks for JSON need not wait for it.
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table("name", "state", "pid", "port", box=None, header_style="bold")
    for row in rows:
        table.add_row(row["name"], f"[{STYLES[State(row['state'])]}]{row['state']}", str(row["pid"] or ""), str(row["port"] or ""))
    Console().print(table)


def rows_of(home: Home) -> "list[Row]":
    """Ask the supervisor; where there is none, everything is stopped."""
    told = control.ask(home.control, "status")
    if told:
        rows: list[Row] = told["programs"]
        return rows
    kept = ports.read(home.ports)
    names = [name for name in port_names({}) if name != KAFKA_CONTROLLER]
    return [{"name": name, "pid": None, "port": kept.get(name, 0), "state": str(State.STOPPED)} for name in [*names, DOOR]]
