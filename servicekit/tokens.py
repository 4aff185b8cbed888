"""Tokens that say to Kafka who comes (OAUTHBEARER): from a file that somebody keeps fresh, or of a Google service account."""

import base64
import time
from pathlib import Path

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout
from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaConnectionError

METADATA = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default"
PATIENCE = ClientTimeout(total=5.0)
EARLY = 120.0  # seconds before its end from which on a token is not handed out: a connection has to come up with it


class FileTokens(AbstractTokenProvider):
    """The token that a file holds at the time, as a projected volume of Kubernetes does."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def token(self) -> str:
        """Read it anew for every connection: it is replaced before it ends."""
        return self._file.read_text("ascii").strip()


class GoogleTokens(AbstractTokenProvider):
    """The access token of the service account that the machine, or the pod, runs as, in the form that Google's managed Kafka takes.

    That form is a JWT without a signature of its own: header, claims, and the access token in the signature's place.
    """

    def __init__(self, metadata: str = METADATA) -> None:
        self._metadata = metadata
        self._token = ""
        self._until = 0.0

    async def token(self) -> str:
        """The token; a new one when the last is about to end. Raises KafkaConnectionError where the metadata server gives none."""
        if time.time() > self._until - EARLY:
            try:
                await self._ask()
            except (ClientError, TimeoutError, KeyError, ValueError) as error:
                # Of a kind that whoever connects takes for a broker that does not answer, and tries again.
                raise KafkaConnectionError(f"Google's metadata server gives no token: {error!r}") from error
        return self._token

    async def _ask(self) -> None:
        async with ClientSession(headers={"Metadata-Flavor": "Google"}, timeout=PATIENCE, raise_for_status=True) as session:
            async with session.get(f"{self._metadata}/token") as answer:
                given = orjson.loads(await answer.read())
            async with session.get(f"{self._metadata}/email") as answer:
                account = (await answer.text()).strip()
        now = time.time()
        until = now + float(given["expires_in"])
        claims = {"exp": until, "iat": now, "iss": "Google", "sub": account, "scope": "kafka"}
        parts = ({"typ": "JWT", "alg": "GOOG_OAUTH2_TOKEN"}, claims)
        access: bytes = given["access_token"].encode()
        self._token = ".".join([*(_base64(orjson.dumps(part)) for part in parts), _base64(access)])
        self._until = until


def _base64(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")
