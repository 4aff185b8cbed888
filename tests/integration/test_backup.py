"""An installation's log as files, and as a log again: everything is as it was, and goes on."""

import base64
import importlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from aiohttp import ClientSession, web
from aiokafka import AIOKafkaProducer

from eventlog import topics
from eventlog.archive.manifest import Kind, Manifest
from eventlog.archive.segments import read_segment
from eventlog.commands import Address
from eventlog.log import KafkaLog, places_of, read
from eventlog.record import Partition, Record
from eventlog.refolding import refold
from eventlog.verifying import Hashed, snapshot
from inkctl import backups
from inkctl.keyring import NAMES
from inkctl.names import SERVICES
from inkctl.operating import Operated
from servicekit import mongo as databases
from servicekit.engine import ENGINE
from servicekit.settings import Settings
from tests.kit.installation import CREDENTIALS_KEK, KEK, LOOKUP_KEY, Installation, Somebody, installation

pytestmark = pytest.mark.integration

PASSWORD = "a long enough sentence"  # noqa: S105 - it is nobody's
SECRETS = dict(zip(NAMES, (base64.urlsafe_b64encode(key).decode() for key in (KEK, CREDENTIALS_KEK, LOOKUP_KEY)), strict=True))


@pytest_asyncio.fixture
async def site(kafka: str, mongo: str) -> AsyncIterator[Installation]:
    """What is backed up."""
    async with installation(kafka, mongo) as made:
        yield made


@pytest_asyncio.fixture
async def copy(kafka: str, mongo: str, site: Installation) -> AsyncIterator[Installation]:
    """An installation without anything, not even its keys."""
    name = uuid4().hex[:12]
    made = Installation(kafka, mongo, f"test-{name}.", f"test_{name}_")
    await topics.ensure(kafka, prefix=made.topic_prefix)
    await made.log.start()

    yield made

    await made.log.stop()
    made.drop_databases()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[Installation], None]:
    """Let the commands of operators work on an installation."""

    def turn(site: Installation) -> None:
        monkeypatch.setenv("INKSTREAM_KAFKA", site.kafka)
        monkeypatch.setenv("INKSTREAM_TOPIC_PREFIX", site.topic_prefix)

    return turn


def settings_of(site: Installation, service: str) -> Settings:
    found = vars(importlib.import_module(f"{service}.settings")).values()
    own = max((each for each in found if isinstance(each, type) and issubclass(each, Settings)), key=lambda each: len(each.__mro__))
    more = {"credentials_kek": SECRETS["INKSTREAM_CREDENTIALS_KEK"]} if service == "auth_service" else {}
    return own.model_validate({**site.settings, **more})


def app_of(site: Installation, service: str) -> web.Application:
    app: web.Application = importlib.import_module(f"{service}.app").create_app(settings_of(site, service))
    return app


async def folded(site: Installation, service: str) -> Mapping[str, Hashed]:
    """The hashes of a service's views, folded afresh as `inkctl verify` does."""
    settings = settings_of(site, service)
    projection = importlib.import_module(f"{service}.projection").PROJECTION
    client = databases.connect(settings)
    try:
        seen = Operated(service, settings, projection, site.log, client)
        ledger = seen.ledger(f"{site.database_prefix}verify_{seen.name}")
        async with seen.facts() as facts:
            async for _ in refold(site.log, ledger, facts, await site.log.ends(places_of(projection.topics))):
                pass
        return (await snapshot(ledger)).hashes
    finally:
        await client.close()


async def everything(log: KafkaLog, places: list[Partition]) -> list[tuple[Any, ...]]:
    """All records of some partitions, but for their times."""
    async with aclosing(read(log, dict.fromkeys(places, 0))) as records:
        found = [(r.place, r.offset, r.key, r.value, tuple(r.headers)) async for r in records]
    return sorted(found, key=lambda each: each[:2])


async def append_void_records(log: KafkaLog, place: Partition) -> None:
    """Append a record of that partition once more, and one that is not well-formed."""
    async with aclosing(read(log, {place: 0})) as records:
        again: Record = await anext(records)
    await log.append(place, again.key or b"", again.value, again.headers)
    await log.append(place, b"key", b"value", [("ce_id", b"one without expectations")])


async def test_after_an_import_all_is_as_it_was_and_goes_on(
    site: Installation, copy: Installation, at: Callable[[Installation], None], tmp_path: Path
) -> None:
    account = {"handle": "grace", "email": "grace@example.org", "password": PASSWORD}
    async with site.running(app_of(site, "auth_service")) as auth, auth.post("/api/auth/register", json=account) as registered:
        assert 201 == registered.status
    ada = await site.somebody()
    posts = app_of(site, "posts_service")
    async with site.running(posts) as client, site.running(app_of(site, "comments_service")) as comments:
        post = await ada.ask(client, "POST", "/api/posts", {"title": "On Engines", "body": "They weave."}, Idempotency_Key="mine")
        path = f"/api/posts/{post.shown['id']}"
        published = await ada.ask(client, "POST", f"{path}/publish", **post.seen)
        said = await ada.ask(comments, "POST", "/api/comments", {"post_id": post.shown["id"], "body": "Do they?"}, **published.seen)
        assert 201 == said.status
        given_up = address_of(posts, ada, "given-up")
        assert 204 == (await ada.ask(client, "DELETE", given_up)).status
        (place,) = (place for place, end in (await site.ends("posts")).items() if end)
        await append_void_records(site.log, place)

    at(site)
    await backups.export_to(tmp_path / "facts", tmp_path / "keys")
    at(copy)
    await backups.import_from(tmp_path / "facts", tmp_path / "keys", without_keys=False)

    places = places_of(topics.TOPICS)
    assert await everything(site.log, places) == await everything(copy.log, places)
    for service in SERVICES:
        before = await folded(site, service)
        assert before == await folded(copy, service)
        assert service == "auth_service" or before["voids"].documents
    known = {"login": "grace", "password": PASSWORD}
    async with copy.running(app_of(copy, "auth_service")) as auth, auth.post("/api/auth/login", json=known) as login:
        assert 200 == login.status
    async with copy.running(app_of(copy, "posts_service")) as client:
        await assert_goes_on(client, ada, post.shown["id"], given_up)


async def assert_goes_on(client: ClientSession, ada: Somebody, post_id: str, given_up: str) -> None:
    draft = {"title": "On Engines", "body": "They weave."}
    again = await ada.ask(client, "POST", "/api/posts", draft, Idempotency_Key="mine")
    never = await ada.ask(client, "POST", "/api/posts", draft, Idempotency_Key="given-up")
    closed = await ada.ask(client, "GET", given_up)
    revised = await ada.ask(client, "PATCH", f"/api/posts/{post_id}", {"body": "They still weave."}, If_Match='"2"')

    assert (post_id, 409, "closed") == (again.shown["id"], never.status, closed.shown["state"])
    assert (200, 3) == (revised.status, revised.shown["version"])


def address_of(app: web.Application, author: Somebody, key: str) -> str:
    """Where the outcome of a command that creates a post can be asked for."""
    names = app[ENGINE].names
    command_id = names.command_id(actor=str(author.id), topic="posts", key=str(author.id), idempotency_key=key)
    return "/api/posts/commands/" + names.write(Address("posts", str(author.id), command_id), str(author.id))


async def test_offsets_stay_what_they_are_behind_the_markers_of_transactions(
    site: Installation, copy: Installation, at: Callable[[Installation], None], tmp_path: Path
) -> None:
    here = Partition("posts", 3)
    async with AIOKafkaProducer(bootstrap_servers=site.kafka, transactional_id=site.topic_prefix) as producer:
        for name in (b"one", b"two"):
            async with producer.transaction():
                await producer.send(site.topic_prefix + here.topic, name, key=b"k", partition=here.number, headers=[])

    at(site)
    await backups.export_to(tmp_path / "facts", None)
    at(copy)
    await backups.import_from(tmp_path / "facts", None, without_keys=True)

    fillers = [(here, 1, b"filler", None, ()), (here, 3, b"filler", None, ())]
    assert [(here, 0, b"k", b"one", ()), (here, 2, b"k", b"two", ())] == await everything(site.log, [here])
    assert sorted([*await everything(site.log, [here]), *fillers]) == await everything(copy.log, [here])


async def test_a_new_home_folder_is_filled_and_exported_while_nothing_runs_in_it(
    site: Installation, at: Callable[[Installation], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await site.somebody()
    at(site)
    await backups.export_to(tmp_path / "facts", tmp_path / "keys")
    for name in ("INKSTREAM_KAFKA", "INKSTREAM_TOPIC_PREFIX"):
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    (home / "secrets.json").write_text(json.dumps(SECRETS))
    monkeypatch.setenv("INKSTREAM_HOME", str(home))

    await backups.import_from(tmp_path / "facts", tmp_path / "keys", without_keys=False)
    await backups.export_to(tmp_path / "facts again", tmp_path / "keys again")

    for kind in Kind:
        held = records_of(tmp_path / str(kind), kind)
        assert held
        assert held == records_of(tmp_path / f"{kind} again", kind)


def records_of(folder: Path, kind: Kind) -> list[tuple[Any, ...]]:
    """All that a backup holds, but for times."""
    manifest = Manifest.read(folder, kind)
    assert manifest is not None
    return [
        (record.place, record.offset, record.key, record.value, record.headers)
        for place in kind.places()
        for segment in manifest.of(place)
        for record in read_segment(folder, segment)
    ]
