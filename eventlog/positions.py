"""Learns that positions moved as soon as any leader has committed, not by polling."""

import asyncio
import logging

from pymongo.errors import PyMongoError

from eventlog.entries import PositionsGone
from eventlog.ledger import Ledger
from eventlog.progress import Progress

logger = logging.getLogger(__name__)

PAUSE = 0.2


async def watch(ledger: Ledger, progress: Progress, watching: asyncio.Event) -> None:
    """Keep `progress` where the positions stand; sets `watching` once it does.

    Ends only by raising PositionsGone.
    """
    while True:
        try:
            async with ledger.changes() as changes:
                await _catch_up(ledger, progress)
                watching.set()
                async for moved in changes:
                    progress.advance(moved.place, moved.fed, progress.parked.get(moved.place) if moved.same else moved.parked)
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
