"""The log alone, for work on it: that of the environment, that of the running Inkstream, or one whose Kafka is started for as long."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from aiokafka.errors import KafkaError

from eventlog import topics
from eventlog.faults import WrongLog
from eventlog.guard import check_topics
from eventlog.log import KafkaLog
from inkctl.failures import Failed
from inkctl.home import Home
from inkctl.installation import Installation
from inkctl.report import Report
from servicekit.environment import SettingsError
from servicekit.kafka import KafkaSettings
from servicekit.settings import Settings

COMPRESSION: str = Settings.model_fields["compression"].default


def kafka_of_environment() -> str | None:
    """The Kafka that the environment names: not the embedded one."""
    return os.environ.get("INKSTREAM_KAFKA") or None


def kafka_settings() -> KafkaSettings:
    """How the log is reached: as the environment says, else as in the embedded run. Raises Failed."""
    if kafka_of_environment() is not None:
        return _told({})
    return _told({"INKSTREAM_KAFKA": Installation.existing().settings()["INKSTREAM_KAFKA"]})


def log_to_read(report: Report) -> AbstractAsyncContextManager[KafkaLog]:
    """The log as it is, whether or not Inkstream runs. Raises Failed."""
    if kafka_of_environment() is not None:
        return _log_at(_told({}))
    installation = Installation.existing()
    if installation.home.is_held():
        return _log_at(kafka_settings())
    return _log_alone(installation.home, report)


def log_to_fill(report: Report) -> AbstractAsyncContextManager[KafkaLog]:
    """The log with nobody else at it: that of a home folder in which nothing runs, with its topics made. Raises Failed."""
    if kafka_of_environment() is not None:
        return _log_at(_told({}), fill=True)
    return _log_alone(Home.here(), report, fill=True)


def refuse_running(home: Home) -> None:
    """Raise `Failed` where services would write while a log is filled."""
    if home.is_held():
        raise Failed(
            "import into the log",
            f"an Inkstream runs in {home.folder}, and its services would write between the records",
            "stop it by `inkctl down`, or set INKSTREAM_HOME to a new folder with a copy of secrets.json",
        )


@asynccontextmanager
async def _log_alone(home: Home, report: Report, *, fill: bool = False) -> AsyncIterator[KafkaLog]:
    # Imported here: where no Kafka is embedded, neither is what it needs.
    from inkctl.alone import kafka_alone  # noqa: PLC0415

    async with kafka_alone(home, report) as address:
        settings = _told({"INKSTREAM_KAFKA": address})
        if fill:
            await topics.ensure(settings.connection(), prefix=settings.topic_prefix)
        async with _log_at(settings, fill=fill) as log:
            yield log


@asynccontextmanager
async def _log_at(settings: KafkaSettings, *, fill: bool = False) -> AsyncIterator[KafkaLog]:
    """Reach a log; one that is to be filled must have its topics as they are declared."""
    compression = os.environ.get("INKSTREAM_COMPRESSION") or COMPRESSION
    way = settings.connection()
    log = KafkaLog(way, prefix=settings.topic_prefix, compression=None if compression == "none" else compression, sequenced=fill)
    try:
        await log.start()
        if fill:
            await check_topics(way, topics.TOPICS, prefix=settings.topic_prefix)
    except KafkaError as error:
        await log.stop()
        raise Failed(
            "reach Kafka", f"it does not answer at {settings.kafka}", "see that it runs, and that INKSTREAM_KAFKA is right"
        ) from error
    except WrongLog as wrong:
        await log.stop()
        raise Failed("check the topics", str(wrong), "make them as declared, then run the same command again") from wrong
    try:
        yield log
    finally:
        await log.stop()


def _told(known: Mapping[str, str]) -> KafkaSettings:
    """Read the environment, where an embedded run knows some of it better."""
    try:
        return KafkaSettings.from_environment({**os.environ, **known})
    except SettingsError as error:
        raise Failed("read the settings of Kafka", str(error), "set the variables as docs/settings.md says") from error
