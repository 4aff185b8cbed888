"""What reaches the process below HTTP, and how the process itself lives and ends."""

import asyncio
import json
import os
import signal
import sys

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kit.serving import Served
from tests.servicekit.toy import ENVIRONMENT, ID

SERVICE = """
import asyncio
from servicekit.app import background, build_app
from servicekit.process import run
from servicekit.settings import Settings

def create_app(settings):
    app = build_app(settings, name="toy", prefix="toy", routes=[])
    async def work():
        await asyncio.sleep({seconds})
        raise RuntimeError("the work is lost")
    background(app, "work", work)
    return app

run(create_app, Settings, name="toy")
"""


async def exchange(served: Served, sent: bytes) -> list[tuple[int, bytes]]:
    """Send bytes that ask for the connection to end, and read every response."""
    reader, writer = await asyncio.open_connection(served.host, served.port)
    try:
        writer.write(sent)
        received = await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()
    found = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), len(rest))
        found.append((int(head.split()[1]), rest[:length]))
        received = rest[length:]
    return found


def request(line: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    fields = [line, b"Host: x", b"Content-Length: %d" % len(body), b"Connection: close", *headers]
    return b"\r\n".join(fields) + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (request(b"GET /api/toy HTTP/9.9"), 400),
        (request(b"GET /api/toy HTTP/1.1", b"X: " + b"a" * 100_000), 431),
        (request(b"GET /" + b"a" * 100_000 + b" HTTP/1.1"), 431),
        (request(b"GET /api/toy HTTP/1.1", *(b"X-%d: a" % n for n in range(500))), 400),
        (request(b"GET /api/toy HTTP/1.1", b"Bad Header: a"), 400),
        (request(b"GET /api/toy HTTP/1.1", b"Content-Length: 5"), 400),
        (request(b"POST /api/toy HTTP/1.1", b"Transfer-Encoding: chunked", body=b"zz\r\n"), 400),
        (request(b"GET /%zz HTTP/1.1"), 404),
        (request(b"GET /%ff%fe HTTP/1.1"), 404),
        (request(b"GET /\xff\xfe HTTP/1.1"), 400),
        (request(b"GET /\xed\xa0\x80 HTTP/1.1"), 400),
        (request(b"GET /api/toy/\xc3\x28 HTTP/1.1"), 400),
        (request(b"GET /api/toy?tag=%ff HTTP/1.1"), 200),
        (request(b"GET /api/toy?tag=\xff HTTP/1.1"), 400),
        (request(b"GET /api/toy?tag=%00 HTTP/1.1"), 400),
        (request(b"GET /api/toy?&&==&%=%& HTTP/1.1"), 200),
        (request(b"GET //evil.example/..;/ HTTP/1.1"), 404),
        (request(b"GET http://evil.example/api/toy HTTP/1.1"), 200),
        (request(b"GET /api/toy HTTP/1.1", b"X-Request-Id: \xff", b"traceparent: \xff", b"Cookie: \xff=\xfe; inkstream_token=\xff"), 200),
        (request(b"GET /api/toy HTTP/1.1", b"Consistency-Token: \xff/1:1"), 400),
        (request(b"POST /api/toy HTTP/1.1", b"Content-Type: \xff", body=b"{}"), 415),
        (request(b"POST /api/toy HTTP/1.1", b"Idempotency-Key: \xff", body=b"{}"), 400),
        (request(b"BREW /api/toy HTTP/1.1"), 400),
        (request(b"TRACE /api/toy HTTP/1.1"), 405),
    ],
)
async def test_what_is_hardly_http_gets_a_problem(served: Served, sent: bytes, status: int) -> None:
    answers = await exchange(served, sent)

    assert status == answers[0][0]
    if status >= 400:
        found = json.loads(answers[0][1])
        assert status == found["status"]
        assert not any(word in answers[0][1].lower() for word in (b"aiohttp", b"traceback", b"python", b"b'"))


PATHS = st.one_of(
    st.binary(max_size=30).map(lambda tail: b"/api/toy/" + tail),
    st.lists(
        st.sampled_from([b"%", b"%2", b"%00", b"%ff", b"%C3", b"..", b"/", b"?", b"&", b"=", b"limit", b"cursor", b"tag", b"#", b"a"])
    ).map(lambda parts: b"/api/toy?" + b"".join(parts)),
    st.just(f"/api/toy/{ID}".encode()),
)
NAMES = st.sampled_from(
    [
        b"Content-Type",
        b"If-Match",
        b"Idempotency-Key",
        b"Authorization",
        b"Cookie",
        b"Consistency-Token",
        b"traceparent",
        b"Expect",
        b"Accept",
        b"Range",
    ]
)
VALUES = st.one_of(
    st.binary(max_size=40).filter(lambda value: not set(value) & {0, 10, 13}),
    st.sampled_from(
        [
            b"application/json",
            b'"3"',
            b"*",
            b"Bearer",
            b"Bearer a.b.c",
            b"inkstream_token=posts/3%3A1%0D%0AX: y",
            b"posts/3:1",
            b"100-continue",
            b"bytes=1-",
        ]
    ),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([b"GET", b"POST", b"PATCH", b"DELETE", b"HEAD", b"OPTIONS", b"TRACE"]),
    PATHS,
    st.lists(st.tuples(NAMES, VALUES), max_size=4),
    st.one_of(st.binary(max_size=60), st.sampled_from([b'{"title": "A"}', b"{}", b"[1]", b'{"title": {"$ne": 1}}'])),
)
async def test_no_request_causes_a_fault(
    served: Served, method: bytes, path: bytes, headers: list[tuple[bytes, bytes]], body: bytes
) -> None:
    sent = request(method + b" " + path + b" HTTP/1.1", *(name + b": " + value for name, value in headers), body=body)

    answers = await exchange(served, sent)

    assert answers
    assert not [answer for answer in answers if answer[0] >= 500]


async def test_a_client_that_leaves_is_no_fault(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    _, writer = await asyncio.open_connection(served.host, served.port)
    writer.write(b"POST /api/toy HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500000\r\n\r\n{")
    await writer.drain()
    writer.transport.abort()

    async with served.client.get("/api/toy") as response:
        assert 200 == response.status
    assert [] == [record.message for record in caplog.records if record.levelname == "ERROR"]


async def started(seconds: float, **changes: str) -> tuple[asyncio.subprocess.Process, str]:
    """Start a service whose work fails after some seconds; return it and its address."""
    environ = {**os.environ, **ENVIRONMENT, **changes}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVICE.format(seconds=seconds), env=environ, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        return process, ""
    host, port = json.loads(line)["address"]
    return process, f"http://{host}:{port}"


async def test_a_process_that_is_asked_to_end_first_says_that_it_is_not_ready() -> None:
    process, address = await started(60, INKSTREAM_DRAIN_MS="3000")

    async with aiohttp.ClientSession(address) as client:
        async with client.get("/readyz") as ready:
            before = ready.status
        process.send_signal(signal.SIGTERM)
        after = before
        while after == 200:
            async with client.get("/readyz") as ready:
                after = ready.status
    output, _ = await process.communicate()

    assert (200, 503, 0) == (before, after, process.returncode)
    assert "asked to" == json.loads(output.splitlines()[-1])["reason"]


async def test_a_process_whose_work_fails_ends_as_failed() -> None:
    process, _ = await started(0.01)

    output, _ = await process.communicate()

    assert 1 == process.returncode
    assert "work: the work is lost" == json.loads(output.splitlines()[-1])["reason"]


async def test_a_wrong_environment_is_said_in_words() -> None:
    process, _ = await started(0.01, INKSTREAM_KEK="short")

    _, errors = await process.communicate()

    assert 2 == process.returncode
    assert errors.decode().startswith("toy can not start:\nINKSTREAM_KEK is wrong: is not a key of 32 bytes")
