"""What is answered while the views do not follow the log: never that somebody is not there who is."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from eventlog.reading import Expected
from servicekit.engine import ENGINE
from tests.auth_service.running import Place, replica

pytestmark = pytest.mark.integration


async def test_while_the_views_stand_still_nobody_is_told_what_is_not_known(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    async with replica(place) as only:
        committer, go_on = only.app[ENGINE].projector._committer, asyncio.Event()
        commit = committer.commit

        async def held(records: Any) -> None:
            await go_on.wait()
            await commit(records)

        monkeypatch.setattr(committer, "commit", held)
        monkeypatch.setattr(Expected, "tell", lambda *_: None)  # nor does the tip tell
        key = {"Idempotency-Key": uuid4().hex}

        unknown = await only.register("ada", key)
        behind = await only.login("ada")
        go_on.set()
        outcome = await only.ask("GET", unknown.headers["Location"])
        repeated = await only.register("ada", key)

        assert (503, "unknown-outcome") == (unknown.status, unknown.code)
        assert (503, "behind") == (behind.status, behind.code)
        assert (200, {"state": "accepted"}) == (outcome.status, outcome.shown)
        assert 201 == repeated.status
        assert 200 == (await only.login("ada")).status


async def test_a_registration_that_was_given_up_never_happens(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    async with replica(place) as only:
        log, key = only.app[ENGINE].log, {"Idempotency-Key": uuid4().hex}
        append = log.append

        async def lost(*_: object) -> int:
            return -1  # as if it had been acknowledged and was still under way

        monkeypatch.setattr(log, "append", lambda where, *record: (lost if where.topic == "accounts" else append)(where, *record))
        unknown = await only.register("ada", key)
        monkeypatch.undo()

        given_up = await only.ask("DELETE", unknown.headers["Location"])
        repeated = await only.register("ada", key)

        assert (503, 204) == (unknown.status, given_up.status)
        assert (409, "command-closed") == (repeated.status, repeated.code)
        assert 201 == (await only.register("ada")).status
