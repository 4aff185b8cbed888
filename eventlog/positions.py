"""Learns that positions moved by a change stream, not by polling: every replica knows within a millisecond what any leader committed."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from pymongo.errors import PyMongoError

from eventlog.entries import PositionsGone
from eventlog.ledger import Ledger
from eventlog.progress import Progress
from eventlog.record import Partition

logger = logging.getLogger(__name__)

PAUSE = 0.2


async def watch(ledger: Ledger, progress: Progress, watching: asyncio.Event) -> None:
    """Keep `progress` where the positions stand; sets `watching` once it does.

    Ends only by raising PositionsGone.
    """
    while True:
        try:
            async with await ledger.database.positions.watch() as changes:
                await _catch_up(ledger, progress)
                watching.set()
                while changes.alive:
                    change = await changes.try_next()
                    if change is None:
                        continue
                    if change["operationType"] == "update":
                        _advance(ledger, progress, change)
                    elif change["operationType"] != "insert":
                        raise PositionsGone(f"the positions went away ({change['operationType']})")
            raise PositionsGone("the positions are watched no more")
        except PyMongoError as error:
            logger.warning("positions are not seen: %s", error)
            await asyncio.sleep(PAUSE)


async def _catch_up(ledger: Ledger, progress: Progress) -> None:
    known = {place: progress[place] for place in progress.followed()}
    positions = await ledger.positions()
    for place, seen in known.items():
        if place not in positions or positions[place].fed < seen:
            raise PositionsGone(f"the position of {place} is gone")
        progress.advance(place, positions[place].fed, positions[place].parked)


def _advance(ledger: Ledger, progress: Progress, change: Mapping[str, Any]) -> None:
    place = Partition.parse(change["documentKey"]["_id"])
    fields = change["updateDescription"]["updatedFields"]
    if ledger.fed_field in fields:
        parked = fields[ledger.parked_field] if ledger.parked_field in fields else progress.parked.get(place)
        progress.advance(place, fields[ledger.fed_field], parked)
