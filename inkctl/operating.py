"""What the commands of operators stand on: an installation's log, and each service's ledger and keys, without the service."""

import asyncio
import importlib
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from aiokafka.errors import KafkaError
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.facts import Facts
from eventlog.generations import MongoGenerations
from eventlog.log import KafkaLog
from eventlog.mongoledger import MongoLedger
from eventlog.program import program_of
from eventlog.projection import Projection
from eventlog.stopping import stop
from inkctl.failures import Failed
from inkctl.installation import Installation
from inkctl.names import AUTH
from servicekit import mongo
from servicekit.environment import SettingsError
from servicekit.keys import DataKeys
from servicekit.settings import Settings

KEY_TOPICS = ("keys", "post-keys")


@dataclass(frozen=True)
class Operated:
    """One service's part of an installation, as an operator sees it."""

    service: str
    settings: Settings
    projection: Projection
    log: KafkaLog
    client: AsyncMongoClient[dict[str, Any]]

    @property
    def name(self) -> str:
        """Its short name: `posts` of `posts_service`."""
        return self.service.removesuffix("_service")

    @property
    def database(self) -> AsyncDatabase[dict[str, Any]]:
        """Where its ledger and views are."""
        return self.client[self.settings.database_prefix + self.name]

    @property
    def generations(self) -> MongoGenerations:
        """The generations of its views."""
        return MongoGenerations(self.database, self.projection)

    def generation(self, number: int) -> "Operated":
        """The same with another generation of its views."""
        return replace(self, projection=replace(self.projection, generation=number))

    async def served(self) -> "Operated":
        """The same with the generation of its views that is served."""
        return self.generation((await self.generations.read()).active)

    def ledger(self, database: str | None = None) -> MongoLedger:
        """Its ledger and views; those in another database where one is named."""
        return MongoLedger(self.client[database] if database else self.database, self.projection, program=program_of(self.service))

    @asynccontextmanager
    async def facts(self) -> AsyncIterator[Facts]:
        """Its events, opened with the keys that it has."""
        keks = [self.settings.kek.get_secret_value()]
        if self.settings.credentials_kek is not None:
            keks.append(self.settings.credentials_kek.get_secret_value())
        keys = DataKeys(self.log, KEY_TOPICS, keks=keks, own=None, clock=lambda: datetime.now(UTC))
        task = asyncio.create_task(keys.following.run(), name="keys")
        try:
            await keys.catch_up()
            yield Facts(keys)
        finally:
            await stop(task)


@asynccontextmanager
async def operated(service: str) -> AsyncIterator[Operated]:
    """Reach one service's part of the installation in the home folder. Raises Failed where it does not answer."""
    try:
        settings = Settings.from_environment({"INKSTREAM_PORT": "0", **_told(service)})
    except SettingsError as error:
        raise Failed("read the settings", str(error), "set the variables as docs/settings.md says") from error
    projection: Projection = importlib.import_module(f"{service}.projection").PROJECTION
    log = KafkaLog(settings.connection(), prefix=settings.topic_prefix)
    try:
        await log.start()
    except KafkaError as error:
        where, cure = f"it does not answer at {settings.kafka}", "start Inkstream by `make up`, or see `inkctl status`"
        raise Failed("reach Kafka", where, cure) from error
    client = mongo.connect(settings)
    try:
        yield Operated(service, settings, projection, log, client)
    finally:
        await client.close()
        await log.stop()


def _told(service: str) -> Mapping[str, str]:
    """The environment of a service, where we are in one; else that of the embedded run, but for what the environment names."""
    if all(os.environ.get(name) or os.environ.get(f"{name}_FILE") for name in ("INKSTREAM_KAFKA", "INKSTREAM_MONGO", "INKSTREAM_KEK")):
        return os.environ
    names = ("INKSTREAM_TOPIC_PREFIX", "INKSTREAM_DATABASE_PREFIX", "INKSTREAM_KAFKA", "INKSTREAM_MONGO")
    named = {name: os.environ[name] for name in names if name in os.environ}
    return {**Installation.existing().settings(service if service == AUTH else f"not {AUTH}"), **named}
