"""`inkctl parked list`: the records that wait because a view could not digest them, or an earlier one of their streams."""

import argparse
import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from inkctl.names import SERVICES

if TYPE_CHECKING:
    from inkctl.commands import Subparsers


def add_parser(subparsers: "Subparsers") -> None:
    """Say how it is called."""
    parser = subparsers.add_parser("parked", help="look at records that wait for a cure", description=__doc__)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    actions.add_parser("list", help="list them, in the log's order", description=__doc__).set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Do it: 1 where something is parked."""
    count = asyncio.run(_list())
    print(f"{count} records are parked" if count else "nothing is parked")
    return 1 if count else 0


async def _list() -> int:
    from inkctl.operating import operated  # noqa: PLC0415

    count = 0
    for service in SERVICES:
        async with operated(service) as seen:
            for each in await seen.ledger().parked():
                count += 1
                moment = datetime.fromtimestamp(each.time / 1000, UTC).isoformat(timespec="seconds")
                print(f"{service}  {each.place}:{each.offset}  {moment}  {' '.join(each.streams)}")
                print(f"    {each.cause}")
    return count
