"""`inkctl topics`: the topics that the log consists of, and making those that are missing."""

import argparse
import asyncio
import time
from typing import TYPE_CHECKING

from inkctl.failures import Failed
from inkctl.names import SERVICES

if TYPE_CHECKING:
    from inkctl.commands import Subparsers
    from servicekit.kafka import KafkaSettings

PAUSE = 0.5
ENSURE = (
    "Create the topics that are missing, then check all of them. Needs nothing but Kafka: no secrets, no MongoDB. "
    "With --grant, a service's user may then do on the topics what the service does, and nothing is taken from anybody."
)


def add_parser(subparsers: "Subparsers") -> None:
    """Say how it is called."""
    parser = subparsers.add_parser("topics", help="list or create the topics of the log", description=__doc__)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="list them, with what is declared and what is there")
    ensuring = actions.add_parser("ensure", help="create those that are missing, and check all", description=ENSURE)
    ensuring.add_argument("--patience", type=float, default=0, metavar="SECONDS", help="how long Kafka may take to answer (%(default)s)")
    ensuring.add_argument(
        "--grant",
        type=_grant,
        action="append",
        default=[],
        metavar="SERVICE=PRINCIPAL",
        help="as posts_service=User:posts; may be repeated",
    )
    listing.set_defaults(run=lambda _: asyncio.run(_list()))
    ensuring.set_defaults(run=lambda arguments: asyncio.run(_ensure(arguments.patience, arguments.grant)))


def _grant(text: str) -> tuple[str, str]:
    service, _, principal = text.partition("=")
    if service not in SERVICES or not principal.startswith("User:"):
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(SERVICES)}, =, and a principal that begins with User:")
    return service, principal


async def _ensure(patience: float, grants: list[tuple[str, str]]) -> int:
    # Imported here: whoever asks for help need not wait for it.
    from aiokafka.errors import KafkaError  # noqa: PLC0415

    from eventlog import guard, topics  # noqa: PLC0415
    from eventlog.faults import WrongLog  # noqa: PLC0415
    from inkctl.access import grant  # noqa: PLC0415
    from inkctl.reaching import kafka_settings  # noqa: PLC0415

    settings = kafka_settings()
    deadline = time.monotonic() + patience
    while True:
        try:
            await topics.ensure(settings.connection(), prefix=settings.topic_prefix)
            await guard.check_topics(settings.connection(), topics.TOPICS, prefix=settings.topic_prefix)
            for service, principal in grants:
                await grant(settings.connection(), service, principal, prefix=settings.topic_prefix)
        except WrongLog as wrong:
            raise Failed("check the topics", str(wrong), "make them as declared, then run the same command again") from wrong
        except KafkaError as error:
            if time.monotonic() > deadline:
                cure = "see that it runs, and that INKSTREAM_KAFKA… are right"
                raise Failed("create the topics", f"Kafka at {settings.kafka} says {error!r}", cure) from error
            await asyncio.sleep(PAUSE)
        else:
            return await _show(settings)


async def _list() -> int:
    from inkctl.reaching import kafka_settings  # noqa: PLC0415

    return await _show(kafka_settings())


async def _show(settings: "KafkaSettings") -> int:
    from aiokafka.errors import KafkaError  # noqa: PLC0415

    from eventlog.log import KafkaLog  # noqa: PLC0415
    from eventlog.topics import TOPICS  # noqa: PLC0415

    log = KafkaLog(settings.connection(), prefix=settings.topic_prefix)
    try:
        await log.start()
    except KafkaError as error:
        cure = "start Inkstream by `make up`, or see that INKSTREAM_KAFKA… are right"
        raise Failed("reach Kafka", f"it does not answer at {settings.kafka}", cure) from error
    try:
        for topic in TOPICS.values():
            ends = await log.ends(topic.places())
            kind = "compacted" if topic.compacted else "kept for ever"
            print(f"{topic.name:<10} {topic.owner:<9} {topic.partitions:>2} partitions  {sum(ends.values()):>9} records  {kind}")
    finally:
        await log.stop()
    return 0
