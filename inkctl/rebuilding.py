"""Makes the views of a service anew beside those that are read, changes over to them and back, and takes away what is read no more."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable

from eventlog.entries import Position
from eventlog.generations import NoSuchGeneration
from eventlog.pace import Pace, written
from eventlog.projector import Projector
from eventlog.pruning import drop, kept
from eventlog.record import Partition
from inkctl.failures import Failed
from inkctl.operating import Operated
from inkctl.report import Report, Step

LOOK = 0.2  # seconds between looks at how far it is
PATIENCE = 60.0  # seconds that the replicas of a service may take to change over


async def rebuild(seen: Operated, report: Report) -> int:
    """Fill a new generation, or go on with one that was begun, and have it served; its number."""
    number = await seen.generations.begin()
    new = seen.generation(number)
    ledger = new.ledger()
    async with new.facts() as facts:
        projector = Projector(new.log, ledger, facts, replica=f"rebuild-{secrets.token_hex(4)}")
        projector.judges = False
        async with projector.running() as failed:
            with report.step(f"Fill generation {number} of {seen.service}") as step:
                await _fill(projector, ledger.positions, step, failed)
            await seen.generations.serve(number)
            await _changed_over(seen, number, report, beside=1)
    return number


async def _fill(
    projector: Projector, positions: Callable[[], Awaitable[dict[Partition, Position]]], step: Step, failed: "asyncio.Future[None]"
) -> None:
    """Feed until the views have come to the ledger's positions. Raises what ends the projector."""
    pace = Pace()
    while True:
        ends = {place: position.next for place, position in (await positions()).items()}
        done, total = sum(projector.progress.token().values()), sum(ends.values())
        pace.see(done, time.monotonic())
        step.progress(done, total, f"{pace.per_second:,.0f}/s, {written(pace.seconds_left(total))} left")
        if not projector.progress.missing(ends):
            break
        await asyncio.wait([failed], timeout=LOOK)
        if failed.done():
            failed.result()


async def back(seen: Operated, report: Report) -> int:
    """Serve the generation again that was served before; its number. Raises Failed."""
    known = await seen.generations.read()
    if known.before is None:
        raise Failed(f"go back in {seen.service}", "no generation was served before", "nothing is wrong: `inkctl rebuild status`")
    try:
        await seen.generations.serve(known.before)
    except NoSuchGeneration as error:
        raise Failed(f"go back in {seen.service}", str(error), f"make it anew: `inkctl rebuild {seen.service}`") from error
    await _changed_over(seen, known.before, report)
    return known.before


async def prune(seen: Operated, report: Report) -> list[str]:
    """Take away all versions and generations that are not served; the names of what is gone."""
    await seen.generations.let_go()
    served = (await seen.served()).projection.label
    ours = f"{seen.projection.name}_v{seen.projection.version}"
    gone: list[str] = []
    for each in await kept(seen.database):
        if each.label == served:
            continue
        if each.label != ours and not each.label.startswith(f"{ours}_g"):
            if each.replicas:
                report.say(f"  {each.label} is fed by {each.replicas} processes of another version, and stays")
                continue
        elif not await _fed_by(seen, each.label, lambda replicas: not replicas):
            raise Failed(f"prune {seen.service}", f"{each.label} is still fed", "look at `inkctl rebuild status`, and do it again later")
        await drop(seen.database, seen.projection, each.label)
        gone.append(each.label)
    return gone


async def _changed_over(seen: Operated, number: int, report: Report, *, beside: int = 0) -> None:
    """Wait until every process of the service feeds a generation, which it serves then; `beside`: how many others do."""
    label = seen.generation(number).projection.label
    present = max((each.replicas for each in await kept(seen.database) if each.label != label), default=0)
    with report.step(f"Change over to generation {number}"):
        if not await _fed_by(seen, label, lambda replicas: replicas >= present + beside):
            raise Failed(
                "change over", f"not all {present} processes of {seen.service} feed it", "look at `inkctl status`, and at their logs"
            )


async def _fed_by(seen: Operated, label: str, enough: Callable[[int], bool]) -> bool:
    """Wait until the number of processes that feed something is right."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if enough(next((each.replicas for each in await kept(seen.database) if each.label == label), 0)):
            return True
        await asyncio.sleep(LOOK)
    return False
