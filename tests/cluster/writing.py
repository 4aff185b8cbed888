"""Runs in a pod: one person writes one draft after the other until standard input ends, and then reads each of them.

A request that finds nobody is repeated with its key, as the web app does it; what comes of all is printed as one line of JSON.
"""

import asyncio
import json
import secrets
import sys
import time

from aiohttp import ClientError, ClientSession, ClientTimeout

PATIENCE = 60.0  # seconds until a write has failed
PAUSE = 0.1
NOT_NOW = {502, 503, 504}


async def answered(session: ClientSession, method: str, path: str, json: object = None) -> tuple[int, object, int]:
    """Give the status and the body of the answer, and how often it was asked for."""
    headers = {"Idempotency-Key": secrets.token_hex(16)}
    begun, asked, status = time.monotonic(), 0, 0
    while time.monotonic() - begun < PATIENCE:
        asked += 1
        try:
            async with session.request(method, path, json=json, headers=headers) as answer:
                status = answer.status
                if status not in NOT_NOW:
                    return status, await answer.json(), asked
        except (ClientError, TimeoutError):
            status = 0
        await asyncio.sleep(PAUSE)
    return status, None, asked


async def main(url: str) -> None:
    """Write until nobody says to go on."""
    ended = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    told: dict[str, object]
    async with ClientSession(url, timeout=ClientTimeout(total=10)) as session:
        name = f"writer_{secrets.token_hex(6)}"
        account = {"handle": name, "email": f"{name}@example.org", "password": secrets.token_urlsafe(24)}
        _, signed_in, _ = await answered(session, "POST", "/api/auth/register", account)
        session.headers["Authorization"] = f"Bearer {signed_in['access_token']}"  # type: ignore[index]  # an answer's body
        print(json.dumps({"writing": name}), flush=True)
        written: list[str] = []
        failed: list[int] = []
        repeated, longest = 0, 0.0
        while not ended.done():
            begun = time.monotonic()
            status, post, asked = await answered(session, "POST", "/api/posts", {"title": f"Draft {len(written)}", "body": "Kept."})
            longest = max(longest, time.monotonic() - begun)
            repeated += asked > 1
            if status == 201:
                written.append(post["id"])  # type: ignore[index]  # the same
            else:
                failed.append(status)
        missing = [each for each in written if (await answered(session, "GET", f"/api/posts/{each}"))[0] != 200]
        told = {"written": len(written), "failed": failed, "repeated": repeated, "longest": round(longest, 3), "missing": missing}
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
