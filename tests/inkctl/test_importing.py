"""Posts of another blog become posts here, once."""

from collections.abc import AsyncIterator
from pathlib import Path, PurePosixPath

import pytest
import pytest_asyncio
from aiohttp import ClientSession, web

from eventlog.progress import Token
from inkctl.commands.importing import told
from inkctl.failures import Failed
from inkctl.importing import Done, Importer, Summary, author_called, replica
from inkctl.markdown import files_in
from posts_service.app import create_app
from posts_service.settings import PostsSettings
from servicekit.engine import ENGINE
from tests.kit.installation import Installation, Somebody, installation

pytestmark = pytest.mark.integration

FIRST = "---\ntitle: On Engines\ndate: 2011-05-04 09:30:00 +0000\ncategories: steam\nlayout: post\n---\nThey *weave*.\n"
SECOND = "---\ntitle: On Engines\n---\nA later one.\n"
DRAFT = "---\ntitle: Not yet\ndraft: true\n---\nThoughts.\n"


@pytest_asyncio.fixture(scope="module")
async def site(kafka: str, mongo: str) -> AsyncIterator[Installation]:
    async with installation(kafka, mongo) as made:
        yield made


@pytest_asyncio.fixture(scope="module")
async def running(site: Installation) -> AsyncIterator[ClientSession]:
    """posts_service, as a reader of the log that goes on while others import."""
    async with site.running(create_app(PostsSettings.model_validate(site.settings))) as client:
        yield client


@pytest_asyncio.fixture(scope="module")
async def app(site: Installation, running: ClientSession) -> AsyncIterator[web.Application]:
    """What gives the commands."""
    async with replica(PostsSettings.model_validate(site.settings)) as started:
        yield started


@pytest_asyncio.fixture
async def ada(site: Installation) -> Somebody:
    return await site.somebody()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "2011-05-04-engines.md").write_text(FIRST)
    (tmp_path / "2012-01-02-engines.markdown").write_text(SECOND)
    (tmp_path / "thoughts.md").write_text(DRAFT)
    (tmp_path / "broken.md").write_bytes(b"\xff\xfe")
    return tmp_path


async def imported(app: web.Application, author: Somebody, folder: Path, *, dry_run: bool = False) -> Summary:
    found = await author_called(app, f"@{author.handle.upper()}")
    return await Importer(app, found, folder, dry_run=dry_run).take_all(files_in(folder), lambda _done, _all: None)


def counts(summary: Summary) -> tuple[int, ...]:
    return (*(summary.count(done) for done in Done), len(summary.skipped))


async def test_posts_come_with_their_dates_tags_and_addresses(
    app: web.Application, running: ClientSession, ada: Somebody, folder: Path
) -> None:
    summary = await imported(app, ada, folder)

    listed = await ada.ask(running, "GET", "/api/posts/mine", Consistency_Token=await end(app))
    assert (3, 0, 0, 1) == counts(summary)
    by_date = {post["created_at"][:10]: post for post in listed.shown["items"] if post["stage"] == "published"}
    assert {"2011-05-04", "2012-01-02"} == set(by_date)
    assert {"engines", "engines-2"} == {post["slug"] for post in by_date.values()}
    first = by_date["2011-05-04"]
    assert ("On Engines", ["steam"], "2011-05-04T09:30:00Z", None) == (
        first["title"],
        first["tags"],
        first["published_at"],
        first["revised_at"],
    )
    assert ["Not yet"] == [post["title"] for post in listed.shown["items"] if post["stage"] == "draft"]


async def test_a_second_time_changes_nothing(app: web.Application, site: Installation, ada: Somebody, folder: Path) -> None:
    await imported(app, ada, folder)
    before = {**await site.ends("posts"), **await site.ends("post-keys")}

    summary = await imported(app, ada, folder)

    assert (0, 0, 3, 1) == counts(summary)
    assert before == {**await site.ends("posts"), **await site.ends("post-keys")}


async def test_what_changed_there_is_revised_here(app: web.Application, running: ClientSession, ada: Somebody, folder: Path) -> None:
    await imported(app, ada, folder)
    (folder / "2011-05-04-engines.md").write_text(FIRST.replace("weave", "weave algebra"))

    would = await imported(app, ada, folder, dry_run=True)
    summary = await imported(app, ada, folder)

    assert (0, 1, 2, 1) == counts(would) == counts(summary)
    listed = await ada.ask(running, "GET", "/api/posts/mine", Consistency_Token=await end(app))
    [revised] = [post for post in listed.shown["items"] if post["revised_at"] is not None]
    assert ("2011-05-04T09:30:00Z", 2) == (revised["published_at"], revised["version"])


async def test_a_dry_run_appends_nothing(app: web.Application, site: Installation, ada: Somebody, folder: Path) -> None:
    before = {**await site.ends("posts"), **await site.ends("post-keys")}

    summary = await imported(app, ada, folder, dry_run=True)

    assert (3, 0, 0, 1) == counts(summary)
    assert before == {**await site.ends("posts"), **await site.ends("post-keys")}


async def test_two_authors_may_import_the_same_folder(app: web.Application, ada: Somebody, site: Installation, folder: Path) -> None:
    bob = await site.somebody()

    assert counts(await imported(app, ada, folder)) == counts(await imported(app, bob, folder))


async def test_the_summary_names_what_was_skipped_doubtful_or_has_no_place(app: web.Application, ada: Somebody, folder: Path) -> None:
    lines = list(told(await imported(app, ada, folder), dry_run=False))

    assert "3 created, 0 revised, 0 unchanged, 1 skipped" == lines[0]
    assert any(line.startswith("  broken.md: it is not UTF-8") for line in lines)
    assert any("another post has the address engines; this one is at engines-2" in line for line in lines)
    assert "  layout: in 1 of them, such as 2011-05-04-engines.md" in lines


async def test_a_value_that_no_post_may_have_is_a_reason(app: web.Application, ada: Somebody, tmp_path: Path) -> None:
    (tmp_path / "marks.md").write_text("---\ntitle: x\n---\n" + "e" + "\u0301\u0302" * 40)

    summary = await imported(app, ada, tmp_path)

    [skipped] = summary.skipped
    assert PurePosixPath("marks.md") == skipped.path
    assert "its body can not be taken: more than 30 combining marks" in skipped.reason


async def test_an_author_has_to_exist(app: web.Application) -> None:
    with pytest.raises(Failed, match="no account @nobody_here"):
        await author_called(app, "@Nobody_Here")


async def test_an_inkstream_that_is_not_there_is_a_failure(site: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("servicekit.engine.PATIENCE", 0.0)
    settings = PostsSettings.model_validate({**site.settings, "kafka": "127.0.0.1:9"})

    with pytest.raises(Failed, match="does not answer"):
        async with replica(settings):
            raise AssertionError("it can not have started")


async def end(app: web.Application) -> str:
    """A token of all that the log holds."""
    return str(Token(await app[ENGINE].log.ends(app[ENGINE].projector.places)))
