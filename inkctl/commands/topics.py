"""`inkctl topics`: the topics that the log consists of, and making those that are missing."""

import argparse
import asyncio
from typing import TYPE_CHECKING

from inkctl.names import POSTS

if TYPE_CHECKING:
    from inkctl.commands import Subparsers


def add_parser(subparsers: "Subparsers") -> None:
    """Say how it is called."""
    parser = subparsers.add_parser("topics", help="list or create the topics of the log", description=__doc__)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    actions.add_parser("list", help="list them, with what is declared and what is there").set_defaults(run=run, ensure=False)
    actions.add_parser("ensure", help="create those that are missing").set_defaults(run=run, ensure=True)


def run(arguments: argparse.Namespace) -> int:
    """Do it."""
    return asyncio.run(_run(ensure=arguments.ensure))


async def _run(*, ensure: bool) -> int:
    from eventlog import topics  # noqa: PLC0415
    from inkctl.operating import operated  # noqa: PLC0415

    async with operated(POSTS) as seen:
        if ensure:
            await topics.ensure(seen.settings.kafka, prefix=seen.settings.topic_prefix)
        for topic in topics.TOPICS.values():
            ends = await seen.log.ends(topic.places())
            kind = "compacted" if topic.compacted else "kept for ever"
            print(f"{topic.name:<10} {topic.owner:<9} {topic.partitions:>2} partitions  {sum(ends.values()):>9} records  {kind}")
    return 0
