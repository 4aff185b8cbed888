"""`inkctl verify`: fold the log afresh beside the running views, and show whether both are equal."""

import argparse
import asyncio
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from inkctl.names import SERVICES

if TYPE_CHECKING:
    from eventlog.verifying import Snapshot
    from inkctl.commands import Subparsers
    from inkctl.operating import Operated
    from inkctl.report import Report

SHOWN = 16  # characters of a hash


def add_parser(subparsers: "Subparsers") -> None:
    """Say how it is called."""
    parser = subparsers.add_parser("verify", help="fold the log afresh and compare with the running views", description=__doc__)
    parser.add_argument("services", nargs="*", metavar="SERVICE", choices=[*SERVICES, []], help="only these (all of them)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do it: 0 where all is equal, 1 where something differs."""
    equal = [asyncio.run(_verify(service)) for service in arguments.services or SERVICES]
    print("equal: every view is what the log says" if all(equal) else "DIFFERENT: what is marked is not what the log says")
    return 0 if all(equal) else 1


async def _verify(service: str) -> bool:
    # Imported here: whoever asks for help need not wait for it.
    from eventlog.verifying import snapshot  # noqa: PLC0415
    from inkctl.operating import operated  # noqa: PLC0415
    from inkctl.report import Report  # noqa: PLC0415

    async with operated(service) as running:
        seen = await running.served()
        report = Report()
        with report.step(f"Read the views of {service}"):
            live = await snapshot(seen.ledger())
        database = f"{seen.settings.database_prefix}verify_{seen.name}_{secrets.token_hex(4)}"
        try:
            fresh = await _folded(seen, database, live, report)
        finally:
            await seen.client.drop_database(database)
        return _show(service, live, fresh)


async def _folded(seen: "Operated", database: str, live: "Snapshot", report: "Report") -> "Snapshot":
    """Fold the log as far as the live views have come, and the ledger as far as that has, which may be further."""
    from eventlog.refolding import refold  # noqa: PLC0415
    from eventlog.verifying import LEDGER, snapshot  # noqa: PLC0415

    ledger = seen.ledger(database)
    total = sum(live.judged.values())
    with report.step(f"Fold the log for {seen.service}") as step:
        async with seen.facts() as facts:
            async for done in refold(seen.log, ledger, facts, live.ends):
                step.progress(done, total)
            fresh = await snapshot(ledger)
            if live.judged == live.ends:
                return fresh
            async for done in refold(seen.log, ledger, facts, live.judged):
                step.progress(done, total)
            further = (await snapshot(ledger)).hashes
        return replace(fresh, hashes={**fresh.hashes, **{name: further[name] for name in LEDGER}})


def _show(service: str, live: "Snapshot", fresh: "Snapshot") -> bool:
    print(f"{service} at {sum(live.ends.values())} records")
    all_equal = True
    for name, hashed in live.hashes.items():
        equal = hashed == fresh.hashes[name]
        all_equal = all_equal and equal
        word = "equal" if equal else "DIFFERENT"
        print(f"  {name:<16} {hashed.documents:>8} documents  live {hashed.hash[:SHOWN]}  fresh {fresh.hashes[name].hash[:SHOWN]}  {word}")
    return all_equal
