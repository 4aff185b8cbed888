"""`inkctl rebuild`: make a service's views anew beside those that are read, without anybody noticing.

`inkctl rebuild posts_service` fills a second generation of them from the log while the first is read, and changes over once it has caught
up. The first is fed on, so that `back` is a matter of a second; `prune` takes away what is not served any more.
"""

import asyncio
import os
import time
from typing import TYPE_CHECKING

from inkctl.names import SERVICES

if TYPE_CHECKING:
    from eventlog.pruning import Kept
    from inkctl.commands import Subparsers

WIDTH = 24  # characters of a bar
YIELDING = 10  # added to its niceness, for whoever serves meanwhile comes first
LOOK = 1.0  # seconds between the two looks that a pace takes


def add_parser(subparsers: "Subparsers") -> None:
    """Say how it is called."""
    parser = subparsers.add_parser("rebuild", help="make views anew beside those that are read", description=__doc__)
    actions = parser.add_subparsers(title="actions", metavar="SERVICE|ACTION", required=True)
    for service in SERVICES:
        each = actions.add_parser(service, help="make its views anew", description=__doc__)
        each.set_defaults(run=lambda _, service=service: asyncio.run(_rebuild(service)))
    status = actions.add_parser("status", help="show what there is, and how far it is", description="Show versions and generations.")
    status.set_defaults(run=lambda _: asyncio.run(_status()))
    back = actions.add_parser("back", help="serve again what was served before", description="Go back to the generation before.")
    back.add_argument("service", choices=SERVICES, metavar="SERVICE")
    back.set_defaults(run=lambda arguments: asyncio.run(_back(arguments.service)))
    prune = actions.add_parser("prune", help="take away what is not served", description="Take away versions and generations.")
    prune.add_argument("services", nargs="*", choices=[*SERVICES, []], metavar="SERVICE", help="only of these (all of them)")
    prune.set_defaults(run=lambda arguments: asyncio.run(_prune(arguments.services or list(SERVICES))))


async def _rebuild(service: str) -> int:
    from inkctl.operating import operated  # noqa: PLC0415
    from inkctl.rebuilding import rebuild  # noqa: PLC0415
    from inkctl.report import Report  # noqa: PLC0415

    os.nice(YIELDING)
    async with operated(service) as seen:
        number = await rebuild(seen, Report())
    print(f"{service} serves generation {number}; `inkctl rebuild back {service}` goes back, `inkctl rebuild prune` ends that")
    return 0


async def _back(service: str) -> int:
    from inkctl.operating import operated  # noqa: PLC0415
    from inkctl.rebuilding import back  # noqa: PLC0415
    from inkctl.report import Report  # noqa: PLC0415

    async with operated(service) as seen:
        number = await back(seen, Report())
    print(f"{service} serves generation {number} again")
    return 0


async def _prune(services: list[str]) -> int:
    from inkctl.operating import operated  # noqa: PLC0415
    from inkctl.rebuilding import prune  # noqa: PLC0415
    from inkctl.report import Report  # noqa: PLC0415

    for service in services:
        async with operated(service) as seen:
            gone = await prune(seen, Report())
        print(f"{service}: {', '.join(gone)} taken away" if gone else f"{service}: nothing to take away")
    return 0


async def _status() -> int:
    from eventlog.pace import Pace, written  # noqa: PLC0415
    from eventlog.pruning import judged, kept  # noqa: PLC0415
    from inkctl.operating import operated  # noqa: PLC0415

    for service in SERVICES:
        async with operated(service) as seen:
            paces: dict[str, Pace] = {}
            for look in range(2):
                for each in await kept(seen.database):
                    paces.setdefault(each.label, Pace()).see(each.fed, time.monotonic())
                if not look:
                    await asyncio.sleep(LOOK)
            total, served = await judged(seen.database), (await seen.served()).projection.label
            for each in await kept(seen.database):
                left = written(paces[each.label].seconds_left(total)) if each.fed < total else ""
                print(f"{service:<18} {each.label:<20} {_bar(each, total)} {_what(each, served):<24} {left}".rstrip())
    return 0


def _bar(each: "Kept", total: int) -> str:
    share = min(1.0, max(0, each.fed) / total) if total else 1.0
    full = int(WIDTH * share)
    return f"{'█' * full}{'·' * (WIDTH - full)} {int(100 * share):3}% of {total}"  # 100% only of what is full


def _what(each: "Kept", served: str) -> str:
    what = "served" if each.label == served else "kept" if each.replicas else "not fed"
    return f"{what} by {each.replicas} process{'es' if each.replicas > 1 else ''}" if each.replicas else what
