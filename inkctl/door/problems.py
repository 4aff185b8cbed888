"""The door's own answers: RFC 9457 problems, of the same shape as those of the services."""

import json

from aiohttp import web

RETRY_AFTER_SECONDS = 1


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
