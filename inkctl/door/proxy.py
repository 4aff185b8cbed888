"""Carries a request to a replica and its answer back, and to another replica where that is safe."""

import asyncio
import logging
from collections.abc import AsyncIterator

from aiohttp import ClientConnectorError, ClientError, ClientResponse, ClientSession, StreamReader, web
from multidict import CIMultiDict
from yarl import URL

from inkctl.door.headers import request_id_of, to_client, to_service
from inkctl.door.problems import problem, unavailable
from inkctl.door.upstreams import Pool, Upstream

_log = logging.getLogger(__name__)

READS = frozenset({"GET", "HEAD", "OPTIONS"})
NO_BODY = frozenset({204, 304})
# A body of at most this size is read first, so that it can be said to another replica; a larger one streams through.
KEPT_BODY = 1 << 20
LONGEST_BODY = 16 << 20
WHOLE_ANSWER = 256 << 10


class _NotSent(Exception):
    """No connection: the replica has seen nothing of the request."""


class _Lost(Exception):
    """The replica may have seen the request, and no answer came."""


class _TooLong(Exception):
    """The body has more bytes than any service takes."""


class Proxy:
    """Forwards requests through one session."""

    def __init__(self, session: ClientSession) -> None:
        self._session = session

    async def forward(self, request: web.BaseRequest, pool: Pool) -> web.StreamResponse:
        """Answer a request by a replica of the pool.

        Reads, and writes with an `Idempotency-Key`, are tried on the next one when a replica is lost; others only when it has seen
        nothing of them.
        """
        request_id = request_id_of(request)
        target = request.rel_url.raw_path_qs
        headers = to_service(request, request_id)
        try:
            body = await _body_of(request, headers)
            for upstream in pool.in_turn():
                try:
                    return await self._try(request, upstream, target, headers, body)
                except _NotSent:
                    continue
                except _Lost:
                    repeatable = request.method in READS or "Idempotency-Key" in request.headers
                    if not repeatable or isinstance(body, _Bounded):
                        detail = "the service was lost before it answered; whether the request had an effect is not known"
                        return problem(503, "unavailable", detail, request.rel_url.raw_path, request_id)
        except _TooLong:
            return problem(413, "too-large", f"the request is larger than {LONGEST_BODY >> 20} MiB", request.rel_url.raw_path, request_id)
        return unavailable(request, pool.service, request_id)

    async def _try(
        self, request: web.BaseRequest, upstream: Upstream, target: str, headers: CIMultiDict[str], body: "Body"
    ) -> web.StreamResponse:
        begun: web.StreamResponse | None = None
        try:
            async with asyncio.timeout(None) as limit:
                upstream.waiting.add(limit)
                try:
                    url = URL(upstream.base + target, encoded=True)
                    async with self._session.request(request.method, url, headers=headers, data=body, allow_redirects=False) as answer:
                        if _is_small(request, answer):
                            return web.Response(
                                status=answer.status, reason=answer.reason, headers=to_client(answer.headers), body=await answer.read()
                            )
                        begun = web.StreamResponse(status=answer.status, reason=answer.reason, headers=to_client(answer.headers))
                        return await _stream(request, answer, begun)
                finally:
                    upstream.waiting.discard(limit)
        except ClientConnectorError as error:
            upstream.left_out("nobody listens there")
            raise _NotSent from error
        except (ClientError, TimeoutError) as error:
            if isinstance(body, _Bounded) and body.too_long:
                raise _TooLong from error
            if begun is None or not begun.prepared:
                raise _Lost from error
            return _break_off(request, begun)


def _is_small(request: web.BaseRequest, answer: ClientResponse) -> bool:
    has_body = request.method != "HEAD" and answer.status not in NO_BODY
    return has_body and answer.content_length is not None and answer.content_length <= WHOLE_ANSWER


async def _stream(request: web.BaseRequest, answer: ClientResponse, begun: web.StreamResponse) -> web.StreamResponse:
    await begun.prepare(request)
    async for chunk in answer.content.iter_any():
        await begun.write(chunk)
    await begun.write_eof()
    return begun


def _break_off(request: web.BaseRequest, begun: web.StreamResponse) -> web.StreamResponse:
    """End the connection: a client must not take half an answer for a whole one."""
    if request.transport is not None:
        request.transport.abort()
    return begun


async def _body_of(request: web.BaseRequest, headers: CIMultiDict[str]) -> "Body":
    if not request.body_exists:
        return None
    length = request.content_length
    if length is not None and length > LONGEST_BODY:
        raise _TooLong
    if length is not None and length <= KEPT_BODY:
        headers.popall("Content-Length", None)  # the session counts
        return await request.read()
    return _Bounded(request.content)


class _Bounded:
    """A body that streams through, until it is found to be too long."""

    def __init__(self, content: StreamReader) -> None:
        self._content = content
        self.too_long = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        async for chunk in self._content.iter_any():
            seen += len(chunk)
            if seen > LONGEST_BODY:
                self.too_long = True
                raise _TooLong
            yield chunk


Body = bytes | _Bounded | None
