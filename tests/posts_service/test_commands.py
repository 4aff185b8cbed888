"""What became of a command is told, and a command is given up, on any replica, whatever of it lands when.

Every test ends with all that was late landing, twice, and with both replicas telling the same of the command and of the post.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession, web

from eventlog import appending, handling
from eventlog.commands import ATTEMPTS
from eventlog.reading import Expected
from servicekit.engine import ENGINE, Engine
from tests.kit.installation import Installation, Somebody
from tests.kit.troubled import Append, Troubled
from tests.posts_service.revising import Revision

pytestmark = pytest.mark.integration


@pytest_asyncio.fixture
async def revision(
    site: Installation,
    pair: tuple[ClientSession, ClientSession],
    apps: tuple[web.Application, web.Application],
    ada: Somebody,
    monkeypatch: pytest.MonkeyPatch,
) -> Revision:
    one, other = (app[ENGINE] for app in apps)
    troubled = Troubled(one.log), Troubled(other.log)
    for engine, each in zip((one, other), troubled, strict=True):
        monkeypatch.setattr(engine.log, "append", each.append)
    draft = await ada.ask(pair[0], "POST", "/api/posts", {"title": "A draft", "body": "one"})
    assert 201 == draft.status, draft.shown
    return Revision(site, pair, (one, other), troubled, ada, f"/api/posts/{draft.shown['id']}")


@pytest.fixture(params=["the same replica", "the other replica"])
def asked(request: pytest.FixtureRequest, pair: tuple[ClientSession, ClientSession]) -> ClientSession:
    """The replica that is asked about the command, or told to give it up."""
    return pair[0] if request.param == "the same replica" else pair[1]


async def test_what_was_applied_before_the_503_is_told_once_the_views_have_come_to_it(revision: Revision, asked: ClientSession) -> None:
    go_on = asyncio.Event()
    with pytest.MonkeyPatch.context() as patch:
        for engine in revision.engines:
            patch.setattr(engine.projector._committer, "commit", held(engine, go_on))
        patch.setattr(Expected, "tell", lambda *_: None)  # nor does the tip tell
        patch.setattr(handling, "VIEW_TIMEOUT", 0.2)
        await revision.is_unknown(revision.troubled[0].lands)
        early = [await revision.author.ask(asked, method, revision.address) for method in ("GET", "DELETE")]
        go_on.set()

    assert [(503, "behind", "1")] * 2 == [(reply.status, reply.code, reply.headers["Retry-After"]) for reply in early]
    assert "accepted" == await revision.told(asked)
    assert 409 == await revision.given_up(asked)
    await revision.ends("accepted", "meant", 2)


def held(engine: Engine, go_on: asyncio.Event) -> Callable[[Any], Awaitable[None]]:
    commit = engine.projector._committer.commit

    async def commit_later(reads: Any) -> None:
        await go_on.wait()
        await commit(reads)

    return commit_later


async def test_what_is_applied_after_the_503_is_told(revision: Revision, asked: ClientSession) -> None:
    await revision.is_unknown(revision.troubled[0].lands_late)
    assert "open" == await revision.told(asked)

    await revision.land()

    assert "accepted" == await revision.told(asked)
    assert 409 == await revision.given_up(asked)
    await revision.ends("accepted", "meant", 2)


async def test_what_is_repeated_before_it_lands_is_applied_once(revision: Revision, asked: ClientSession) -> None:
    await revision.is_unknown(revision.troubled[0].lands_late)

    repeated = await revision.call(asked)
    await revision.land()

    assert (200, '"2"') == (repeated.status, repeated.headers["ETag"])
    assert 409 == await revision.given_up(asked)
    await revision.ends("accepted", "meant", 2)


async def test_what_was_given_up_before_it_lands_is_never_applied(revision: Revision, asked: ClientSession) -> None:
    await revision.is_unknown(revision.troubled[0].lands_late)

    status = await revision.given_up(asked)
    await revision.land()

    assert 204 == status
    assert "closed" == await revision.told(asked)
    await revision.ends("closed", "one", 1)


async def test_what_never_lands_is_given_up_before_anybody_tries_it(revision: Revision, asked: ClientSession) -> None:
    assert "open" == await revision.told(asked)

    assert 204 == await revision.given_up(asked)

    await revision.ends("closed", "one", 1)


async def test_what_is_given_up_twice_at_once_is_given_up(revision: Revision) -> None:
    await revision.is_unknown(revision.troubled[0].lands_late)
    one, other = revision.pair

    async def overtaken(send: Append) -> int:
        revision.troubled[0].trouble = None
        assert 204 == await revision.given_up(other)
        return await send()

    revision.troubled[0].trouble = overtaken

    assert [204, 204, 204] == [await revision.given_up(one), *(await asyncio.gather(*map(revision.given_up, revision.pair)))]
    await revision.ends("closed", "one", 1)


async def test_what_lands_while_it_is_given_up_was_applied(revision: Revision) -> None:
    await revision.is_unknown(revision.troubled[0].lands_late)

    async def overtaken(send: Append) -> int:
        revision.troubled[1].trouble = None
        await revision.land()
        return await send()

    revision.troubled[1].trouble = overtaken

    assert 409 == await revision.given_up(revision.pair[1])
    await revision.ends("accepted", "meant", 2)


async def test_what_lands_void_while_it_is_given_up_is_given_up_by_its_next_attempt(revision: Revision) -> None:
    await revision.is_unknown(revision.troubled[0].lands_late)
    await revision.elsewhere()

    async def overtaken(send: Append) -> int:
        revision.troubled[1].trouble = None
        await revision.land()
        return await send()

    revision.troubled[1].trouble = overtaken

    assert 204 == await revision.given_up(revision.pair[1])
    await revision.ends("closed", "elsewhere", 2)


async def test_who_is_given_up_while_the_handler_appends_is_told_so(revision: Revision, asked: ClientSession) -> None:
    async def given_up(send: Append) -> int:
        revision.troubled[0].trouble = None
        assert 204 == await revision.given_up(asked)
        return await send()

    revision.troubled[0].trouble = given_up

    reply = await revision.call()

    assert (409, "command-closed") == (reply.status, reply.code)
    await revision.ends("closed", "one", 1)


def overtaken_first(revision: Revision, again: Callable[[Append], Awaitable[int]]) -> Callable[[Append], Awaitable[int]]:
    """Somebody else revises before the append, so that the handler has to try again; what happens then is `again`."""

    async def trouble(send: Append) -> int:
        revision.troubled[0].trouble = again
        await revision.elsewhere()
        return await send()

    return trouble


async def test_who_is_given_up_while_the_handler_tries_again_is_told_so(revision: Revision, asked: ClientSession) -> None:
    async def given_up(send: Append) -> int:
        revision.troubled[0].trouble = None
        assert "open" == await revision.told(asked)
        assert 204 == await revision.given_up(asked)
        return await send()

    revision.troubled[0].trouble = overtaken_first(revision, given_up)

    reply = await revision.call()

    assert (409, "command-closed") == (reply.status, reply.code)
    await revision.ends("closed", "elsewhere", 2)


async def test_who_is_given_up_too_late_while_the_handler_tries_again_is_answered(revision: Revision, asked: ClientSession) -> None:
    async def given_up(send: Append) -> int:
        revision.troubled[0].trouble = None
        offset = await send()
        assert 409 == await revision.given_up(asked)
        return offset

    revision.troubled[0].trouble = overtaken_first(revision, given_up)

    reply = await revision.call()

    assert (200, '"3"') == (reply.status, reply.headers["ETag"])
    await revision.ends("accepted", "meant", 3)


@pytest.mark.parametrize("first", ["the command", "its end"])
async def test_it_is_not_known_whether_it_was_given_up(revision: Revision, asked: ClientSession, first: str) -> None:
    await revision.is_unknown(revision.troubled[0].lands_late)
    for each in revision.troubled:
        each.trouble = each.lands_late
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(appending, "VERDICT_TIMEOUT", 0.0)
        reply = await revision.author.ask(asked, "DELETE", revision.address)
    for each in revision.troubled:
        each.trouble = None
    command, end = (send for each in revision.troubled for send in each.late)

    assert (503, "unknown-outcome") == (reply.status, reply.code)
    assert "open" == await revision.told(asked)
    if first == "the command":
        await command()
        assert "accepted" == await revision.told(asked)
        await revision.ends("accepted", "meant", 2)
    else:
        await end()
        assert "closed" == await revision.told(asked)
        await revision.ends("closed", "one", 1)


async def test_what_others_were_before_five_times_is_given_up_already(revision: Revision, asked: ClientSession) -> None:
    tries = 0

    async def overtaken(send: Append) -> int:
        nonlocal tries
        tries += 1
        await revision.elsewhere(f"elsewhere {tries}")
        return await send()

    revision.troubled[0].trouble = overtaken

    reply = await revision.call()
    revision.troubled[0].trouble = None

    assert (409, "command-exhausted", ATTEMPTS) == (reply.status, reply.code, tries)
    assert ("closed", 204) == (await revision.told(asked), await revision.given_up(asked))
    await revision.ends("closed", f"elsewhere {ATTEMPTS}", 1 + ATTEMPTS)


async def test_a_stranger_is_told_nothing_and_gives_nothing_up(revision: Revision, asked: ClientSession, bob: Somebody) -> None:
    await revision.is_unknown(revision.troubled[0].lands_late)

    for method in ("GET", "DELETE"):
        reply = await bob.ask(asked, method, revision.address)
        assert (404, "not-found") == (reply.status, reply.code)
        async with asked.request(method, revision.address) as response:  # by one who is not signed in
            assert 404 == response.status

    assert "open" == await revision.told(asked)
    await revision.ends("accepted", "meant", 2)
