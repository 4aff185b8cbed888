"""`inkctl stream show STREAM`: a stream's records as the log holds them, each with its verdict."""

import argparse
import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from inkctl.failures import Failed
from inkctl.names import AUTH, POSTS

if TYPE_CHECKING:
    from eventlog.facts import Facts
    from eventlog.record import Record
    from inkctl.commands import Subparsers

TOPIC_OF = {
    "user": "accounts",
    "handle": "accounts",
    "email": "accounts",
    "site": "accounts",
    "session": "sessions",
    "follow": "follows",
    "post": "posts",
    "slug": "posts",
    "comment": "comments",
    "thread": "comments",
    "like": "comments",
}


def add_parser(subparsers: "Subparsers") -> None:
    """Say how it is called."""
    parser = subparsers.add_parser("stream", help="look at streams of the log", description=__doc__)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    show = actions.add_parser("show", help="a stream's records with verdicts", description=__doc__)
    show.add_argument("stream", metavar="STREAM", help="for example post:0190a000-0000-7000-8000-000000000001")
    show.add_argument("--open", action="store_true", help="show the events too, personal fields and all")
    show.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do it: 1 where no record names the stream."""
    kind = arguments.stream.partition(":")[0]
    if kind not in TOPIC_OF:
        raise Failed("show the stream", f"{arguments.stream} is none", f"streams begin with one of: {', '.join(sorted(TOPIC_OF))}")
    return asyncio.run(_show(arguments.stream, TOPIC_OF[kind], opened=arguments.open))


async def _show(stream: str, topic: str, *, opened: bool) -> int:
    from eventlog.topics import TOPICS  # noqa: PLC0415
    from eventlog.verifying import judged  # noqa: PLC0415
    from inkctl.operating import operated  # noqa: PLC0415

    found = 0
    async with operated(AUTH if opened else POSTS) as seen, seen.facts() as facts:
        async for record, heading, verdict in judged(seen.log, TOPICS[topic].places()):
            if stream != record.text("ce_subject") and (heading is None or stream not in {*heading.expects, *heading.reads}):
                continue
            found += 1
            moment = datetime.fromtimestamp(record.time / 1000, UTC).isoformat(timespec="milliseconds")
            print(f"{record.place}:{record.offset}  {moment}  {verdict:<11}  {record.text('ce_type')}")
            print(f"    attempt {record.text('ce_id')} of command {record.text('ce_command')} by {record.text('ce_actor') or '-'}")
            print(f"    expects {record.text('ce_expects')} reads {record.text('ce_reads')}")
            if opened:
                print("\n".join(f"    {line}" for line in _opened(facts, record)))
    if not found:
        print(f"no record names {stream}")
    return 0 if found else 1


def _opened(facts: "Facts", record: "Record") -> list[str]:
    """The fields of the event that a record carries; the reason where it can not be opened."""
    from events.base import Personal  # noqa: PLC0415
    from events.codec import Malformed, UnknownSchema  # noqa: PLC0415
    from events.sealing import KeyMissing  # noqa: PLC0415

    try:
        event = facts.decode(record)
    except (KeyMissing, Malformed, UnknownSchema) as error:
        return [f"{type(error).__name__}: {error}"]
    return [f"{name}: {value.value if isinstance(value, Personal) else value}" for name, value in vars(event).items()]
