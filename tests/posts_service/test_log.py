"""What of a post stands on the log, and that the log alone makes everything again."""

from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import ClientSession
from pymongo import MongoClient

from eventlog.log import places_of, read
from posts_service.app import create_app
from posts_service.settings import PostsSettings
from tests.kit.installation import Installation, Somebody, caught_up, installation

pytestmark = pytest.mark.integration

NEEDLE = "a-sentence-that-nobody-else-writes"


async def write(author: Somebody, client: ClientSession) -> None:
    text = {"title": f"{NEEDLE} title", "body": f"{NEEDLE} " * 50, "tags": [NEEDLE[:30]], "excerpt": NEEDLE}
    post = await author.ask(client, "POST", "/api/posts", text)
    path = f"/api/posts/{post.shown['id']}"
    post = await author.ask(client, "PATCH", path, {"body": f"{NEEDLE}.", "note": NEEDLE}, **post.seen, **post.unchanged)
    post = await author.ask(client, "POST", f"{path}/publish", {"note": NEEDLE}, **post.seen)
    assert 200 == post.status


async def test_nothing_that_an_author_wrote_is_readable_on_the_log(one: ClientSession, ada: Somebody, site: Installation) -> None:
    await write(ada, one)

    records = [record async for record in read(site.log, dict.fromkeys(places_of(["posts", "post-keys", "accounts", "keys"]), 0))]

    assert 3 <= len([record for record in records if record.key == str(ada.id).encode()])
    for record in records:
        said = b"\n".join([record.key or b"", record.value or b"", *(value for _, value in record.headers)]).lower()
        assert NEEDLE.encode() not in said
        assert ada.handle.encode() not in said


async def test_everything_is_made_again_of_the_log(kafka: str, mongo: str) -> None:
    async with installation(kafka, mongo) as site:
        settings = PostsSettings.model_validate(site.settings)
        ada = await site.somebody()
        app = create_app(settings)
        async with site.running(app) as first:
            await write(ada, first)
            await write(ada, first)
            await caught_up(app)
        before = documents(site)

        site.drop_databases()
        again = create_app(settings)
        async with site.running(again):
            await caught_up(again)
            after = documents(site)

    assert {"authors_v1", "posts_v1", "slugs_v1"} <= before.keys()
    assert [2, 2, 1] == [len(before[name]) for name in ("posts_v1", "slugs_v1", "authors_v1")]
    assert before == after


def documents(site: Installation) -> Mapping[str, list[dict[str, Any]]]:
    """Everything that the database holds, but who leads what."""
    with MongoClient[dict[str, Any]](site.mongo, uuidRepresentation="standard", tz_aware=True) as client:
        database = client[site.database_prefix + "posts"]
        return {name: list(database[name].find().sort("_id")) for name in database.list_collection_names() if name != "leases"}
