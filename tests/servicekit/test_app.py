import asyncio

import pytest
from prometheus_client.parser import text_string_to_metric_families

from servicekit.app import build_app, now
from servicekit.health import READINESS
from servicekit.telemetry import METRICS
from tests.kit.serving import serving
from tests.servicekit.toy import ID, settings, toy


async def test_a_process_that_answers_is_alive() -> None:
    async with serving(toy()) as served, served.client.get("/livez") as response:
        assert 200 == response.status


async def test_a_process_is_ready_once_every_check_is_content() -> None:
    app = build_app(settings(), name="toy", prefix="toy", routes=[])
    reasons: list[str | None] = ["it has not caught up", None]

    async def views() -> str | None:
        return reasons.pop(0)

    app[READINESS].add("views", views)
    async with serving(app) as served:
        async with served.client.get("/readyz") as response:
            assert (503, {"ready": False, "checks": {"views": "it has not caught up"}, "notes": {}}) == (
                response.status,
                await response.json(),
            )
        async with served.client.get("/readyz") as response:
            assert (200, {"ready": True, "checks": {"views": "ok"}, "notes": {}}) == (response.status, await response.json())


async def test_a_check_that_fails_is_a_reason_without_internals() -> None:
    app = build_app(settings(), name="toy", prefix="toy", routes=[])

    async def mongo() -> str | None:
        raise ConnectionRefusedError("mongodb://somebody:secret@host")

    app[READINESS].add("mongo", mongo)
    async with serving(app) as served, served.client.get("/readyz") as response:
        assert {"ready": False, "checks": {"mongo": "ConnectionRefusedError"}, "notes": {}} == await response.json()


async def test_a_check_that_does_not_answer_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("servicekit.health.CHECK_SECONDS", 0.01)
    app = build_app(settings(), name="toy", prefix="toy", routes=[])

    async def kafka() -> str | None:
        await asyncio.Event().wait()
        return None

    app[READINESS].add("kafka", kafka)
    async with serving(app) as served, served.client.get("/readyz") as response:
        assert {"ready": False, "checks": {"kafka": "no answer in 0.01 s"}, "notes": {}} == await response.json()


async def test_requests_are_counted_by_route_method_and_status() -> None:
    app = toy()
    app[METRICS].gauge("inkstream_lag_records", "Records not folded yet", lambda: 7)
    async with serving(app) as served:
        for path in (f"/api/toy/{ID}", "/api/toy/nonsense", "/secret/handle"):
            await served.client.get(path)
        async with served.client.get("/metrics") as response:
            text = await response.text()

    samples = {
        (sample.name, *sample.labels.values()): sample.value for family in text_string_to_metric_families(text) for sample in family.samples
    }
    assert 1 == samples["inkstream_http_request_seconds_count", "GET", "/api/toy/{note_id}", "200"]
    assert 1 == samples["inkstream_http_request_seconds_count", "GET", "/api/toy/{note_id}", "404"]
    assert 1 == samples["inkstream_http_request_seconds_count", "GET", "unmatched", "404"]
    assert 7 == samples["inkstream_lag_records",]
    assert "secret" not in text


def test_the_clock_tells_what_the_views_can_keep() -> None:
    assert {0} == {now().microsecond % 1000 for _ in range(50)}
