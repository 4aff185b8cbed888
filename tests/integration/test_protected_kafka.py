"""On a Kafka that encrypts, asks who comes and grants nothing by itself: each service lives with what it was granted, and no more."""

import base64
import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiokafka.errors import KafkaError

from eventlog.log import KafkaLog, OutcomeUnknown
from eventlog.record import Partition
from inkctl.__main__ import main
from inkctl.access import access_of
from inkctl.names import SERVICES
from servicekit.environment import variable_of
from servicekit.kafka import KafkaSettings
from tests.kit.protected import OPERATOR, Guarded, guarded_kafka, token_of
from tests.kit.serving import serving

pytestmark = pytest.mark.integration

KEY = base64.urlsafe_b64encode(bytes(32)).decode()
Told = Callable[..., dict[str, str]]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with guarded_kafka(tmp_path_factory.mktemp("guarded")) as kafka:
        yield kafka


@pytest.fixture(scope="module")
def told(guarded: Guarded) -> Told:
    """The settings by which a user reaches it."""

    def told(user: str, **changes: str) -> dict[str, str]:
        settings = {
            "kafka": guarded.guarded,
            "kafka_tls": "true",
            "kafka_ca": str(guarded.ca),
            "kafka_sasl": "SCRAM-SHA-512",
            "kafka_user": user,
            "kafka_password": user[::-1],
            "topic_prefix": "guarded.",
        }
        return {name: value for name, value in {**settings, **changes}.items() if value}

    return told


@pytest.fixture(scope="module")
def granted(told: Told) -> None:
    """The topics, made by the operator's command, and each service's user let do what the service does."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in told(OPERATOR).items():
            environment.setenv(variable_of(name), value)
        grants = [word for service in SERVICES for word in ("--grant", f"{service}=User:{service.removesuffix('_service')}")]
        assert 0 == main(["topics", "ensure", "--patience", "30", *grants])


def create(service: str, settings: dict[str, Any]) -> web.Application:
    module = importlib.import_module(f"{service}.app")
    base = {"port": 0, "public_url": "http://blog.example", "kek": KEY, "credentials_kek": KEY, "lookup_key": KEY}
    kinds = [kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, KafkaSettings)]
    app: web.Application = module.create_app(kinds[0].model_validate({**base, **settings}))
    return app


async def reach(settings: dict[str, str]) -> KafkaLog:
    log = KafkaLog(KafkaSettings.model_validate(settings).connection(), prefix=settings["topic_prefix"])
    await log.start()
    return log


@pytest.mark.usefixtures("granted")
async def test_every_service_becomes_ready_with_its_own_user(told: Told, mongo: str, database_prefix: str, tmp_path: Path) -> None:
    stores = {"mongo": mongo, "database_prefix": database_prefix}
    (tmp_path / ".vite").mkdir()

    for service in SERVICES:  # auth first: the others wait for its signing key
        settings = {**told(service.removesuffix("_service")), **stores, **({"assets": tmp_path} if service == "query_service" else {})}
        async with serving(create(service, settings)) as served:
            checks: dict[str, str] = {}
            while not {"views", "mongodb", "identity"} <= {name for name, said in checks.items() if said == "ok"}:
                async with served.client.get("/readyz") as answer:
                    checks = (await answer.json())["checks"]


@pytest.mark.usefixtures("granted")
@pytest.mark.parametrize("service", SERVICES)
async def test_a_user_writes_the_topics_of_its_service_alone(told: Told, service: str) -> None:
    log = await reach(told(service.removesuffix("_service")))
    written = set()

    for topic in (*access_of("query_service").reads, "follows"):
        try:
            await log.append(Partition(topic, 0), b"k", None, [])
            written.add(topic)
        except OutcomeUnknown:
            pass
    await log.stop()

    assert set(access_of(service).writes) == written


@pytest.mark.usefixtures("granted")
async def test_a_token_says_who_comes_as_well(told: Told, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(token_of("posts") + "\n")
    by_token = {"kafka_sasl": "OAUTHBEARER", "kafka_user": "", "kafka_password": "", "kafka_token": str(tmp_path / "token")}

    log = await reach(told("posts", **by_token))
    offset = await log.append(Partition("posts", 0), b"k", None, [])
    await log.stop()

    assert offset >= 0


@pytest.mark.parametrize("changes", [{"kafka_password": "wrong"}, {"kafka_ca": ""}], ids=["a wrong password", "an unknown authority"])
async def test_whoever_is_not_known_or_does_not_know_the_broker_is_not_connected(told: Told, changes: dict[str, str]) -> None:
    with pytest.raises(KafkaError):
        await reach(told("posts", **changes))
