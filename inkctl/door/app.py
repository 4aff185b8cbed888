"""Which address is answered by whom."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, web

from inkctl.door import assets
from inkctl.door.headers import request_id_of
from inkctl.door.problems import problem
from inkctl.door.proxy import Proxy
from inkctl.door.upstreams import ASK_SECONDS, Pool, Upstream, watch
from inkctl.names import AUTH, COMMENTS, POSTS, QUERY

PREFIXES = (("/api/auth", AUTH), ("/.well-known", AUTH), ("/api/posts", POSTS), ("/api/comments", COMMENTS))
NOT_PUBLIC = frozenset({"/livez", "/metrics"})
READY_SECONDS = 2.0
CONNECT_SECONDS = 2.0
IDLE_SECONDS = 15.0  # less than the services keep an idle connection, so that none ends just as it is used again
DECLINED = {"User-Agent", "Accept", "Accept-Encoding", "Content-Type"}  # what the client did not say, the session must not add


def service_of(path: str) -> str:
    """Name the service that answers a path; what is nobody else's is query's, which has the pages."""
    for prefix, service in PREFIXES:
        if path.startswith(prefix) and path[len(prefix) :][:1] in ("", "/"):
            return service
    return QUERY


class Door:
    """Answers every request of the front door."""

    def __init__(self, session: ClientSession, pools: Mapping[str, Pool], assets_folder: Path) -> None:
        self._session = session
        self._pools = pools
        self._assets = assets_folder
        self._proxy = Proxy(session)

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one."""
        path = request.rel_url.raw_path
        if path.startswith(assets.PREFIX):
            if request.method in {"GET", "HEAD"} and (file := assets.find(self._assets, request.rel_url.path)):
                return file
            return problem(404, "not-found", "there is no such file", path, request_id_of(request))
        if path == "/readyz":
            return await self._readyz()
        if path in NOT_PUBLIC:
            if path == "/livez":
                return web.json_response({"alive": True})
            return problem(404, "not-found", "there is nothing at this address", path, request_id_of(request))
        return await self._proxy.forward(request, self._pools[service_of(path)])

    async def _readyz(self) -> web.Response:
        """200 once every service has a replica that is ready; else 503, and which has none."""
        names = list(self._pools)
        ready = dict(zip(names, await asyncio.gather(*(self._is_ready(self._pools[name]) for name in names)), strict=True))
        body = json.dumps({"ready": all(ready.values()), "services": {name: "ok" if ok else "not ready" for name, ok in ready.items()}})
        return web.Response(
            status=200 if all(ready.values()) else 503, text=body, content_type="application/json", headers={"Cache-Control": "no-store"}
        )

    async def _is_ready(self, pool: Pool) -> bool:
        answers = await asyncio.gather(*(is_ready(self._session, upstream.base) for upstream in pool.upstreams))
        return any(answers)


async def is_ready(session: ClientSession, base: str) -> bool:
    """Whether a process answers `/readyz` with 200."""
    try:
        async with session.get(f"{base}/readyz", timeout=ClientTimeout(total=READY_SECONDS)) as answer:
            return answer.status == web.HTTPOk.status_code
    except (OSError, TimeoutError, ValueError):
        return False


@asynccontextmanager
async def open_door(
    addresses: Mapping[str, Sequence[str]], assets_folder: Path, lease_seconds: float, ask_seconds: float = ASK_SECONDS
) -> AsyncIterator[Door]:
    """Make a door in front of `addresses` (service to `host:port` of its replicas), and watch these while it is open."""
    pools = {name: Pool(name, [Upstream(name, f"http://{address}") for address in addresses[name]]) for name in addresses}
    connector = TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS)
    async with (
        ClientSession(
            connector=connector,
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=DECLINED,
            timeout=ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
        ) as session,
        asyncio.TaskGroup() as group,
    ):
        watching = [
            group.create_task(watch(upstream, session, lease_seconds, ask_seconds))
            for pool in pools.values()
            for upstream in pool.upstreams
        ]
        try:
            yield Door(session, pools, assets_folder)
        finally:
            for task in watching:
                task.cancel()
