import base64

import pytest
from yarl import URL

from tests.kit.serving import Served
from tests.servicekit.test_problems import problem


async def test_a_list_leads_to_its_next_page(served: Served) -> None:
    async with served.client.get("/api/toy?limit=2&tag=caf%C3%A9&unknown=1") as response:
        first = await response.json()
        link = URL(response.links["next"]["url"])
    async with served.client.get(link.relative()) as response:
        second = await response.json()

    assert (2, ["café", "café"]) == (len(first["items"]), [item["title"] for item in first["items"]])
    assert {"limit": "2", "tag": "café", "cursor": first["next"]} == dict(link.query)
    assert second["next"] is None


async def test_a_list_is_twenty_long_unless_asked(served: Served) -> None:
    async with served.client.get("/api/toy") as response:
        assert 20 == len((await response.json())["items"])


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "", "1.5", "1e2", "٣", "%00", "NaN", "9" * 5000, "1&limit=2"])
async def test_a_limit_that_is_none_is_malformed(served: Served, limit: str) -> None:
    async with served.client.get(f"/api/toy?limit={limit}") as response:
        found = await problem(response, 400, "malformed")

    assert "limit" in found["detail"]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%00",
        "ü",
        "....",
        base64.urlsafe_b64encode(b"[]").decode(),
        base64.urlsafe_b64encode(b'{"at": {"$gt": ""}, "id": 1}').decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        base64.urlsafe_b64encode(b"[" * 5000).decode(),
        "A" * 6000,
    ],
)
async def test_a_cursor_that_no_list_gave_is_malformed(served: Served, cursor: str) -> None:
    async with served.client.get(f"/api/toy?cursor={cursor}") as response:
        await problem(response, 400, "malformed")


async def test_an_empty_answer_has_no_body(served: Served) -> None:
    async with served.client.delete("/api/toy/6b1e0f1c-7c5e-4c39-9d4e-0f7a3f2d1b11") as response:
        await problem(response, 401, "unauthenticated")

        assert response.headers["WWW-Authenticate"].startswith("Bearer")
