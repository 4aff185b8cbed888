"""`inkctl parked`: the records that wait because a view could not digest them, or an earlier one of their streams.

Everything else goes on meanwhile. Once the code is mended, the program that has it tries them again by itself; `retry` asks for it.
"""

import argparse
import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from inkctl.failures import Failed
from inkctl.names import SERVICES

if TYPE_CHECKING:
    from eventlog.entries import Parked
    from eventlog.mongoledger import MongoLedger
    from eventlog.record import Partition
    from inkctl.commands import Subparsers

PATIENCE = 30.0  # seconds that a leader may take to try
AGAIN = 0.2


def add_parser(subparsers: "Subparsers") -> None:
    """Say how it is called."""
    parser = subparsers.add_parser("parked", help="look at records that wait for a cure, and try them again", description=__doc__)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="list them, in the log's order", description=__doc__)
    listing.set_defaults(run=lambda arguments: asyncio.run(_list(_services(arguments))))
    show = actions.add_parser("show", help="why one waits, and what waits behind it", description="Show one, without what it says.")
    show.add_argument("where", metavar="PLACE:OFFSET", help="as `inkctl parked list` has it, for example posts/3:1842")
    show.set_defaults(run=lambda arguments: asyncio.run(_show(_services(arguments), *_where(show, arguments.where))))
    retry = actions.add_parser("retry", help="have them tried again", description="Have parked records tried again by whoever leads.")
    retry.add_argument("streams", nargs="*", metavar="STREAM", help="only what is parked of these, for example post:0190a000-…")
    retry.add_argument("--all", action="store_true", help="everything that is parked")
    retry.set_defaults(run=lambda arguments: asyncio.run(_retry(_services(arguments), _streams(retry, arguments))))
    for each in (listing, show, retry):
        each.add_argument("--service", choices=SERVICES, metavar="SERVICE", help="only in the views of this one (all of them)")


def _services(arguments: argparse.Namespace) -> list[str]:
    return [arguments.service] if arguments.service else list(SERVICES)


def _where(parser: argparse.ArgumentParser, text: str) -> "tuple[Partition, int]":
    from eventlog.record import Partition  # noqa: PLC0415

    place, _, offset = text.rpartition(":")
    try:
        return Partition.parse(place), int(offset)
    except ValueError:
        parser.error(f"{text} is no place and offset, as in posts/3:1842")


def _streams(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> list[str] | None:
    if bool(arguments.streams) == arguments.all:
        parser.error("name streams, or give --all")
    return None if arguments.all else arguments.streams


async def _list(services: list[str]) -> int:
    """List: 1 where something is parked."""
    from inkctl.operating import operated  # noqa: PLC0415

    count = 0
    for service in services:
        async with operated(service) as running:
            seen = await running.served()
            for each in await seen.ledger().parked():
                count += 1
                _print(service, each)
    print(f"{count} records are parked" if count else "nothing is parked")
    return 1 if count else 0


def _print(service: str, each: "Parked") -> None:
    moment = datetime.fromtimestamp(each.time / 1000, UTC).isoformat(timespec="seconds")
    print(f"{service}  {each.place}:{each.offset}  {moment}  {' '.join(each.streams)}")
    print(f"    {each.cause}")


async def _show(services: list[str], place: "Partition", offset: int) -> int:
    """Show: 1 where nothing is parked there."""
    from inkctl.operating import operated  # noqa: PLC0415

    found = False
    for service in services:
        async with operated(service) as running:
            seen = await running.served()
            rest = await seen.ledger().parked(place=place, beyond=offset - 1)
            if rest and rest[0].offset == offset:
                found = True
                _print(service, rest[0])
                print(f"    it is a {await _type(seen.log, place, offset)}; tried last by program {rest[0].program or '-'}")
                behind = _behind(rest)
                print(f"    behind it wait {len(behind)} records of {len({s for each in behind for s in each.streams})} streams")
                for each in behind:
                    print(f"        {each.place}:{each.offset}  {' '.join(each.streams)}")
    if not found:
        print(f"nothing is parked at {place}:{offset}")
    return 0 if found else 1


async def _type(log: object, place: "Partition", offset: int) -> str:
    """The type of event that a record carries."""
    from eventlog.log import KafkaLog, read  # noqa: PLC0415

    assert isinstance(log, KafkaLog)  # noqa: S101 - what `operated` gives
    async for record in read(log, {place: offset}):
        return record.text("ce_type")
    return "record that is not there"


def _behind(parked: "list[Parked]") -> "list[Parked]":
    """Which of some parked records wait for the first of them, or for one that does."""
    streams, found = set(parked[0].streams), []
    for each in parked[1:]:
        if streams.intersection(each.streams):
            streams.update(each.streams)
            found.append(each)
    return found


async def _retry(services: list[str], streams: list[str] | None) -> int:
    """Have them tried: 1 where something is still parked of what was asked for."""
    from inkctl.operating import operated  # noqa: PLC0415

    asked = left = 0
    for service in services:
        async with operated(service) as running:
            seen = await running.served()
            ledger = seen.ledger()
            count = await ledger.retry(streams)
            if count:
                asked += count
                stays = await _tried(ledger, service, streams)
                left += len(stays)
                for each in stays:
                    _print(service, each)
    print(f"{asked} records were tried again, {left} are parked still" if asked else "nothing of it is parked")
    return 1 if left or not asked else 0


async def _tried(ledger: "MongoLedger", service: str, streams: list[str] | None) -> "list[Parked]":
    """What is parked still, once all was tried."""
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                parked = await ledger.parked(streams)
                if all(each.program is not None for each in parked):
                    return parked
                await asyncio.sleep(AGAIN)
    except TimeoutError:
        raise Failed("try again", f"no replica of {service} has done it in {PATIENCE:g} s", "start it: it does so then") from None
