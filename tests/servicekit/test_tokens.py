import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from aiokafka.errors import KafkaConnectionError

from servicekit.tokens import FileTokens, GoogleTokens


@dataclass
class Metadata:
    """What answers on a machine of Google's."""

    seconds: int = 3600
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        if request.headers.get("Metadata-Flavor") != "Google":
            return web.Response(status=403)
        if request.path == "/email":
            return web.Response(text="inkstream@project.iam.gserviceaccount.com\n")
        return web.json_response({"access_token": f"ya29.{len(self.asked)}", "expires_in": self.seconds, "token_type": "Bearer"})

    def server(self) -> TestServer:
        app = web.Application()
        app.router.add_get("/{name}", self.answer)
        return TestServer(app)


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def claims(token: str) -> Any:
    return json.loads(decoded(token.split(".")[1]))


async def test_googles_token_says_whose_it_is_and_carries_the_access_token() -> None:
    async with Metadata().server() as server:
        token = await GoogleTokens(str(server.make_url("/")).rstrip("/")).token()

    header, _, access = token.split(".")
    assert {"typ": "JWT", "alg": "GOOG_OAUTH2_TOKEN"} == json.loads(decoded(header))
    assert ("inkstream@project.iam.gserviceaccount.com", "kafka") == (claims(token)["sub"], claims(token)["scope"])
    assert 3600 == pytest.approx(claims(token)["exp"] - claims(token)["iat"])
    assert b"ya29.1" == decoded(access)


@pytest.mark.parametrize(("seconds", "asked"), [(3600, 2), (100, 4)])
async def test_a_token_is_asked_for_again_only_when_it_is_about_to_end(seconds: int, asked: int) -> None:
    metadata = Metadata(seconds)
    async with metadata.server() as server:
        tokens = GoogleTokens(str(server.make_url("/")).rstrip("/"))
        await tokens.token()
        await tokens.token()

    assert asked == len(metadata.asked)


async def test_a_machine_that_has_no_account_is_told_as_a_connection_that_failed() -> None:
    async with TestServer(web.Application()) as server:
        with pytest.raises(KafkaConnectionError, match="gives no token"):
            await GoogleTokens(str(server.make_url("/")).rstrip("/")).token()


async def test_a_file_is_read_anew_each_time(tmp_path: Path) -> None:
    file = tmp_path / "token"
    tokens = FileTokens(file)

    for text in ("one", "two"):
        file.write_text(text + "\n")
        assert text == await tokens.token()
