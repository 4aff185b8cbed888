"""The door's own answers: RFC 9457 problems, of the same shape as those of the services, and a page for who came for one."""

import html
import json

from aiohttp import web

RETRY_AFTER_SECONDS = 1
# Without a stylesheet: it is what stands while nothing else does.
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>One moment · Inkstream</title>
<h1>Inkstream does not answer at the moment</h1>
<p>What was saved is safe. <a href="">Try again</a></p>
<p>Request {request_id}</p>
</html>
"""


def unavailable(request: web.BaseRequest, service: str, request_id: str) -> web.Response:
    """Say that no replica of a service answers: as a page to a browser that opens one, else as a problem."""
    answer = problem(503, "unavailable", f"{service} does not answer at the moment", request.rel_url.raw_path, request_id)
    if request.method in {"GET", "HEAD"} and "text/html" in request.headers.get("Accept", ""):
        answer.headers["Content-Type"] = "text/html; charset=utf-8"
        answer.body = PAGE.format(request_id=html.escape(request_id)).encode()
    return answer


def problem(status: int, code: str, detail: str, instance: str, request_id: str) -> web.Response:
    """Make a problem; one that may pass by itself says when to try again."""
    members = {
        "type": f"/problems/{code}",
        "title": code.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
        "instance": instance,
        "request_id": request_id,
    }
    headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store", "X-Request-Id": request_id, "Server": "inkstream"}
    if status == web.HTTPServiceUnavailable.status_code:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return web.Response(status=status, body=json.dumps(members).encode(), headers=headers)
