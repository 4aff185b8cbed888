import json
import logging
from contextvars import copy_context

import pytest

from servicekit.telemetry import JsonLines, Once, Trace, current
from tests.kit.serving import Served

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_trace_goes_on_with_what_the_caller_began() -> None:
    trace = Trace.received("request-17", PARENT)

    assert ("request-17", "4bf92f3577b34da6a3ce929d0e0e4736", "01") == (trace.request_id, trace.trace_id, trace.flags)
    assert trace.traceparent != PARENT
    assert trace.traceparent.startswith("00-4bf92f3577b34da6a3ce929d0e0e4736-")


@pytest.mark.parametrize(
    "parent", ["", "00-0-0-0", PARENT.upper(), PARENT + "-x", "00-" + "0" * 32 + "-00f067aa0ba902b7-01", PARENT + "\n", "\udcff"]
)
def test_what_is_no_trace_is_replaced(parent: str) -> None:
    trace = Trace.received("no id\n", parent)

    assert 32 == len(trace.request_id) == len(trace.trace_id)
    assert "4bf92f3577b34da6a3ce929d0e0e4736" != trace.trace_id


async def test_the_request_id_is_said_and_kept(served: Served) -> None:
    async with served.client.get("/api/toy", headers={"X-Request-Id": "from-the-door-1"}) as response:
        assert "from-the-door-1" == response.headers["X-Request-Id"]
    async with served.client.get("/api/toy", headers={"X-Request-Id": "no id"}) as response:
        assert 32 == len(response.headers["X-Request-Id"])


def test_a_log_line_is_json_with_its_trace_and_what_was_added() -> None:
    def logged() -> tuple[dict[str, object], str]:
        trace = current()
        error = ValueError("a\nb")
        record = logging.LogRecord("toy", logging.ERROR, "x.py", 1, "fault in %s", ("ünï",), (ValueError, error, None))
        record.route = "/api/toy"
        line = JsonLines("toy_service").format(record)
        assert "\n" not in line
        return json.loads(line), trace.trace_id

    line, trace_id = copy_context().run(logged)

    assert ("ERROR", "toy_service", "fault in ünï", "/api/toy", trace_id) == tuple(
        line[name] for name in ("level", "service", "message", "route", "trace_id")
    )
    assert "ValueError" in str(line["exception"])


def test_a_library_says_the_same_thing_once_in_a_while() -> None:
    once = Once()
    said = [logging.makeLogRecord({"msg": text}) for text in ("no broker", "no broker", "no topic")]

    assert [True, False, True] == [once.filter(record) for record in said]
