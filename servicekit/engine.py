"""The engine of a service, wired into its app: log, keys, boot guard, ledger, projector, handler, and what identity is read from."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial

from aiohttp import web
from aiokafka.errors import KafkaError

from eventlog import guard
from eventlog.commands import CommandNames
from eventlog.facts import Facts
from eventlog.faults import WrongLog
from eventlog.generations import MongoGenerations
from eventlog.handling import Handler
from eventlog.log import KafkaLog, OutcomeUnknown, places_of
from eventlog.mongoledger import MongoLedger
from eventlog.program import program_of
from eventlog.projection import Aggregate, Projection
from eventlog.projector import Projector
from servicekit import consistency, health, identity, mongo, telemetry
from servicekit.app import CLOCK, ENDING, background
from servicekit.keys import SIGNING, DataKeys, SigningKeys
from servicekit.lagging import Lag
from servicekit.revocations import TOPICS as REVOKING
from servicekit.revocations import Revocations
from servicekit.serving import Served, Serving
from servicekit.settings import Settings

_log = logging.getLogger(__name__)

PATIENCE = 60.0  # seconds that Kafka may take to come up while the service starts
PAUSE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What the handlers of a service use."""

    log: KafkaLog
    keys: DataKeys
    signing: SigningKeys
    revocations: Revocations
    serving: Serving
    names: CommandNames
    commands_path: str
    topics: tuple[str, ...]  # all that it reads

    @property
    def ledger(self) -> MongoLedger:
        """The ledger, with the generation of the views that is served."""
        return self.serving.current().ledger

    @property
    def projector(self) -> Projector:
        """What feeds the generation that is served."""
        return self.serving.current().projector

    @property
    def handler(self) -> Handler:
        """What handles commands, by the generation that is served."""
        return self.serving.current().handler


ENGINE: web.AppKey[Engine] = web.AppKey("ENGINE", Engine)


def add_engine(
    app: web.Application,
    settings: Settings,
    *,
    service: str,
    projection: Projection,
    aggregates: tuple[Aggregate, ...] = (),
    key_topics: tuple[str, ...] = ("keys",),
    own_keys: str | None = None,
) -> Engine:
    """Make the engine of a service and run it for as long as the app runs. Nothing is connected before the app starts.

    `service` is its short name (`posts`): of its database, its commands' addresses and its records' source.
    """
    clock = app[CLOCK]
    way = settings.connection()
    log = KafkaLog(way, prefix=settings.topic_prefix, compression=None if settings.compression == "none" else settings.compression)
    keks = [settings.kek.get_secret_value()]
    if settings.credentials_kek is not None:
        keks.append(settings.credentials_kek.get_secret_value())
    keys = DataKeys(log, key_topics, keks=keks, own=own_keys, clock=clock)
    facts = Facts(keys)
    client = mongo.connect(settings)
    database, program = client[settings.database_prefix + service], program_of(f"{service}_service")

    def make(generation: int) -> Served:
        ledger = MongoLedger(database, replace(projection, generation=generation), program=program)
        projector = Projector(log, ledger, facts, replica=settings.replica, lease_ms=settings.lease_ms)
        return Served(ledger, projector, Handler(log, ledger, projector, facts, aggregates, source=f"/{service}"))

    serving = Serving(make)
    engine = Engine(
        log=log,
        keys=keys,
        signing=SigningKeys(log, kek=keks[0], clock=clock),
        revocations=Revocations(log, clock),
        serving=serving,
        names=CommandNames(settings.lookup_key.get_secret_value()),
        commands_path=f"/api/{service}/commands",
        topics=tuple(dict.fromkeys((*projection.topics, *key_topics, SIGNING, *REVOKING))),
    )
    app[ENGINE] = engine
    app[consistency.PROGRESS] = serving
    app.middlewares.append(serving.middleware)
    app[identity.VERIFIER] = identity.Verifier(engine.signing, engine.revocations, clock)
    _add_checks(app, engine)
    _add_gauges(app[telemetry.METRICS], engine)
    lag = Lag(serving.progress)
    app[telemetry.METRICS].registry.register(lag)

    async def connect(app: web.Application) -> AsyncIterator[None]:
        del app
        async with AsyncExitStack() as stack:
            stack.push_async_callback(client.close)
            stack.push_async_callback(log.stop)
            await _answering(log.start, "Kafka", settings.kafka)
            await _made(partial(guard.check_topics, way, engine.topics, prefix=settings.topic_prefix), settings.topics_patience_ms / 1000)
            await guard.check_beginnings(log, places_of((*key_topics, SIGNING)))
            yield

    async def project(app: web.Application) -> AsyncIterator[None]:
        await keys.catch_up()
        keys.check()
        generations = MongoGenerations(database, projection)
        known = await generations.read()
        await serving.begin(known)
        await guard.check_positions(log, await engine.ledger.positions(), engine.projector.places)
        async with serving.running(known.active, generations.read) as failed:
            failed.add_done_callback(lambda done: None if done.cancelled() else app[ENDING].fail(f"projector: {done.exception()}"))
            yield

    app.cleanup_ctx.append(connect)
    background(app, "keys", keys.following.run)
    background(app, "signing keys", engine.signing.following.run)
    background(app, "revocations", engine.revocations.run)
    app.cleanup_ctx.append(project)
    background(app, "lag", partial(lag.watch, lambda: log.ends(engine.projector.places)))
    return engine


def _add_checks(app: web.Application, engine: Engine) -> None:
    caught_up = asyncio.Event()

    async def kafka() -> str | None:
        try:
            ends = await engine.log.ends(engine.projector.places)
        except OutcomeUnknown as error:
            return str(error)
        behind = engine.projector.progress.missing(ends)
        if not caught_up.is_set() and behind:
            return f"the views have {sum(end - engine.projector.progress[place] for place, end in behind)} records to read"
        caught_up.set()  # once: a slow partition later takes no replica out
        return None

    async def mongodb() -> str | None:
        await engine.ledger.database.client.admin.command("ping")
        return None

    async def identity_known() -> str | None:
        return None if engine.signing.ready and engine.revocations.ready else "keys and revocations are not read yet"

    async def parked() -> str | None:
        waiting = engine.projector.waiting
        if not waiting:
            return None
        return f"{sum(each.records for each in waiting.values())} records of {len(waiting)} partitions wait: see `inkctl parked list`"

    app[health.READINESS].note("parked", parked)
    app[health.READINESS].add("views", kafka)
    app[health.READINESS].add("mongodb", mongodb)
    app[health.READINESS].add("identity", identity_known)


def _add_gauges(metrics: telemetry.Metrics, engine: Engine) -> None:
    metrics.gauge("inkstream_projector_batches", "Batches committed since the start", lambda: engine.projector.counts.batches)
    metrics.gauge("inkstream_projector_accepted", "Records accepted since the start", lambda: engine.projector.counts.accepted)
    metrics.gauge("inkstream_projector_void", "Records void since the start", lambda: engine.projector.counts.void)
    metrics.gauge("inkstream_projector_parked", "Records parked since the start", lambda: engine.projector.counts.parked)
    metrics.gauge(
        "inkstream_projector_discarded",
        "Batches discarded since the start: they failed, or another replica had done that work",
        lambda: engine.projector.counts.discarded,
    )
    metrics.gauge("inkstream_parked_partitions", "Partitions with a parked record", lambda: len(engine.projector.progress.parked))
    metrics.gauge("inkstream_parked_records", "Records that are parked", lambda: sum(w.records for w in engine.projector.waiting.values()))
    metrics.gauge(
        "inkstream_rebuild_left_records", "Records that a generation which is being filled lacks", lambda: engine.serving.filling.left
    )
    metrics.gauge(
        "inkstream_rebuild_left_seconds", "Seconds until it lacks none, if it goes on so", lambda: engine.serving.filling.seconds_left
    )
    metrics.gauge("inkstream_partitions", "Partitions that feed the views", lambda: len(engine.projector.places))
    metrics.gauge("inkstream_states_asked", "States of streams that commands asked for", lambda: engine.handler.recent.asked)
    metrics.gauge("inkstream_states_known", "Those of them that were remembered", lambda: engine.handler.recent.known)
    metrics.gauge("inkstream_leases_held", "Partitions that this replica leads", lambda: len(engine.projector.leases.held))
    metrics.gauge(
        "inkstream_leases_judging", "Partitions that this replica judges for the ledger", lambda: len(engine.projector.leases.judging)
    )
    metrics.gauge("inkstream_verdicts_early", "Verdicts told before their records were committed", lambda: engine.projector.reader.early)
    metrics.gauge("inkstream_records_waiting", "Records read that wait to be committed", lambda: engine.projector.reader.waiting)
    metrics.gauge("inkstream_attempts_voided", "Attempts of this replica's commands that others were before", lambda: engine.handler.voided)


async def _made(check: Callable[[], Awaitable[None]], patience: float) -> None:
    """Check the topics; while some are missing and nothing else is wrong, check again, for so many seconds."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    while True:
        try:
            return await check()
        except WrongLog as wrong:
            if loop.time() > deadline or not wrong.unmade:
                raise
            _log.warning("topics are still being made: %s", wrong)
            await asyncio.sleep(PAUSE)


async def _answering(start: Callable[[], Awaitable[None]], what: str, where: str) -> None:
    """Start a client as soon as its server answers."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE
    while True:
        try:
            return await start()
        except KafkaError as error:
            if loop.time() > deadline:
                raise RuntimeError(f"{what} does not answer at {where}: {error}") from error
            _log.warning("%s does not answer yet at %s", what, where)
            await asyncio.sleep(PAUSE)
