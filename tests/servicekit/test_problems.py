import json
import logging
from typing import Any

import aiohttp
import pytest

from tests.kit.serving import Served
from tests.servicekit.toy import ID

MEMBERS = {"type", "title", "status", "detail", "instance", "request_id"}


async def problem(response: aiohttp.ClientResponse, status: int, code: str) -> dict[str, Any]:
    """Check the form that all problems have, and return the members."""
    found: dict[str, Any] = json.loads(await response.read())
    assert (status, status, f"/problems/{code}") == (response.status, found["status"], found["type"])
    assert response.content_type == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Request-Id"] == found["request_id"]
    assert set(found) >= MEMBERS
    assert found["title"]
    assert found["detail"]
    return found


async def test_a_refusal_is_an_answer_and_not_logged_as_an_error(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    async with served.client.get("/api/toy/faults/gone?q=private") as response:
        found = await problem(response, 410, "gone")

    assert ("it was removed", "/api/toy/faults/gone", "Gone") == (found["detail"], found["instance"], found["title"])
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_a_fault_is_hidden_and_logged_once_with_its_trace(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    async with served.client.get("/api/toy/faults/any") as response:
        found = await problem(response, 500, "internal")

    assert "secret" not in json.dumps(found)
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert 1 == len(errors)
    assert errors[0].exc_info
    assert "a secret of the house" in str(errors[0].exc_info[1])


async def test_what_took_too_long_is_unavailable(served: Served) -> None:
    async with served.client.get("/api/toy/faults/slow") as response:
        await problem(response, 503, "unavailable")

        assert "1" == response.headers["Retry-After"]


async def test_a_redirect_is_no_problem(served: Served) -> None:
    async with served.client.get("/api/toy/faults/moved", allow_redirects=False) as response:
        assert (301, "/elsewhere") == (response.status, response.headers["Location"])


async def test_an_unknown_address_is_not_found(served: Served) -> None:
    async with served.client.get("/api/toy/x/y/z/%2e%2e?x=1") as response:
        found = await problem(response, 404, "not-found")

    assert "?" not in found["instance"]


async def test_a_method_that_is_not_known_there_names_those_that_are(served: Served) -> None:
    async with served.client.put("/api/toy") as response:
        await problem(response, 405, "method-not-allowed")

        assert "GET,HEAD,POST" == response.headers["Allow"]


async def test_a_stale_version_is_answered_with_the_present_one(served: Served) -> None:
    async with served.client.patch(f"/api/toy/{ID}", json={"title": "A"}, headers={"If-Match": '"2"'}) as response:
        found = await problem(response, 412, "stale-version")

    assert (3, '"3"') == (found["current_version"], response.headers["ETag"])


async def test_an_expectation_that_can_not_be_met_is_a_problem(served: Served) -> None:
    async with served.client.get("/api/toy", headers={"Expect": "a-miracle"}) as response:
        assert (417, "application/problem+json") == (response.status, response.content_type)


async def test_every_response_carries_the_headers_that_keep_browsers_safe(served: Served) -> None:
    for path in ("/api/toy", "/nowhere", "/api/toy/faults/any"):
        async with served.client.get(path) as response:
            assert "nosniff" == response.headers["X-Content-Type-Options"]
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
