"""Signs up, publishes and reads at a running installation, as a person would, and says how long each step took."""

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout

from inkctl.failures import Failed

PATIENCE = 30.0  # seconds that each step may take, with repeats while the installation says that it is not ready
PAUSE = 0.5
NOT_NOW = {502, 503, 504}


@dataclass
class Visitor:
    """Asks at one address; what can not take effect twice is repeated while the answer is "not now"."""

    session: ClientSession
    url: str
    headers: dict[str, str] = field(default_factory=dict)

    async def does(self, step: str, method: str, path: str, json: Any = None) -> Any:
        """Do one step and print how long it took. Raises Failed."""
        begun = time.monotonic()
        headers = {**self.headers, **({"Idempotency-Key": secrets.token_hex(16)} if method == "POST" else {})}
        said = "it was not asked"
        while time.monotonic() - begun < PATIENCE:
            try:
                async with self.session.request(method, self.url + path, json=json, headers=headers) as answer:
                    if answer.ok:
                        body = await answer.json()
                        if "Consistency" in answer.headers:
                            said = f"it answered Consistency: {answer.headers['Consistency']}"
                        else:
                            self.headers["Consistency-Token"] = answer.headers.get("Consistency-Token", "")
                            print(f"{step}: {(time.monotonic() - begun) * 1000:.0f} ms")
                            return body
                    else:
                        said = f"it answered {answer.status}: {await answer.text()}"
                        if answer.status not in NOT_NOW:
                            break
            except (ClientError, TimeoutError, ValueError) as error:
                said = repr(error)
            await asyncio.sleep(PAUSE)
        raise Failed(step, f"{method} {self.url}{path}: {said}", "see what the services log under the request's id, and their /readyz")


async def check(url: str, login: str | None, password: str) -> None:
    """Go through all steps. Raises Failed at the first that does not work."""
    async with ClientSession(timeout=ClientTimeout(total=10)) as session:
        visitor = Visitor(session, url)
        if login is None:
            name = f"check_{secrets.token_hex(8)}"
            new = {"handle": name, "email": f"{name}@example.org", "password": secrets.token_urlsafe(24)}
            signed_in = await visitor.does("Sign up", "POST", "/api/auth/register", new)
        else:
            signed_in = await visitor.does("Sign in", "POST", "/api/auth/login", {"login": login, "password": password})
        visitor.headers["Authorization"] = f"Bearer {signed_in['access_token']}"
        draft = {"title": f"A check of this installation {secrets.token_hex(4)}", "body": "Written by `inkctl check`, and *read* by it."}
        post = await visitor.does("Write", "POST", "/api/posts", draft)
        shown = await visitor.does("Publish", "POST", f"/api/posts/{post['id']}/publish", {})
        read = await visitor.does("Read it", "GET", f"/api/query/posts/{shown['author']['handle']}/{shown['slug']}")
        if read["body"] != draft["body"]:
            raise Failed("read what was written", f"{shown['url']} holds another text", "run `inkctl verify query_service`")
        print(f"It works: {shown['url']}")
