"""`inkctl lag`: how far each service has read the log."""

import argparse
import asyncio
import json
from typing import TYPE_CHECKING, Any

from inkctl.names import SERVICES

if TYPE_CHECKING:
    from inkctl.commands import Subparsers


def add_parser(subparsers: "Subparsers") -> None:
    """Say how it is called."""
    parser = subparsers.add_parser("lag", help="show how far each service has read the log", description=__doc__)
    parser.add_argument("--json", action="store_true", help="as a list, one entry for each partition")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do it."""
    rows = asyncio.run(_rows())
    if arguments.json:
        print(json.dumps(rows))
        return 0
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    names = ("service", "partition", "end", "judged", "fed", "lag", "leader", "parked")
    table = Table(*names, box=None, header_style="bold")
    for row in rows:
        if row["end"]:
            table.add_row(*("" if row[name] is None else str(row[name]) for name in names))
    Console().print(table)
    return 0


async def _rows() -> list[dict[str, Any]]:
    from eventlog.entries import Position  # noqa: PLC0415
    from eventlog.log import places_of  # noqa: PLC0415
    from inkctl.operating import operated  # noqa: PLC0415

    rows: list[dict[str, Any]] = []
    for service in SERVICES:
        async with operated(service) as running:
            seen = await running.served()
            ledger = seen.ledger()
            places = places_of(seen.projection.topics)
            positions = await ledger.positions()
            ends = await seen.log.ends(places)
            leaders = {doc["_id"]: doc["holder"] for doc in await ledger.database.leases.find().to_list()}
            for place in places:
                position = positions.get(place, Position(place))
                rows.append(
                    {
                        "service": service,
                        "partition": str(place),
                        "end": ends[place],
                        "judged": position.next,
                        "fed": position.fed,
                        "lag": ends[place] - position.fed,
                        "leader": leaders.get(f"{place} {seen.projection.label}"),
                        "parked": position.parked,
                    }
                )
    return rows
