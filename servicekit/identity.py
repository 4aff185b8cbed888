"""Who asks: access tokens, signed by auth and verified in every service by itself.

A token is a JWT (RFC 7519) signed with Ed25519: `sub` the user, `sid` the session, `role`, `iat`, `exp`, and `kid` in the header.
Verified tokens are remembered by their hash, since a signature takes a hundred times longer to check than a hash to make; whether a token
has expired or was revoked is asked every time.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, ValidationError

from events.refusals import Unauthenticated
from servicekit.problems import Rejected

LIFETIME = timedelta(minutes=10)
_ALGORITHM = "EdDSA"
_REMEMBERED = 10_000
_TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_LONGEST = 2048


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as the token says."""

    user_id: UUID
    session_id: UUID
    role: str
    issued_at: datetime
    expires_at: datetime


CALLER: web.RequestKey[Caller] = web.RequestKey("CALLER", Caller)


class PublicKeys(Protocol):
    """The keys that tokens are signed with."""

    @property
    def ready(self) -> bool:
        """Tell whether they were read once to the end of the log."""

    def public_key(self, kid: str) -> Ed25519PublicKey | None:
        """Return the public part of a key."""


class Refusals(Protocol):
    """The tokens that are refused before they expire."""

    @property
    def ready(self) -> bool:
        """Tell whether they were read once to the end of the log."""

    def refuse(self, caller: Caller) -> bool:
        """Tell whether this caller's token was revoked."""


class _Claims(BaseModel):
    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    sub: UUID
    sid: UUID
    role: str
    iat: float
    exp: float


def issue(key: Ed25519PrivateKey, kid: str, *, user_id: UUID, session_id: UUID, role: str, now: datetime) -> str:
    """Sign an access token that lives for `LIFETIME`."""
    # Fractions of a second, so that a token issued right after a revocation is told from those before it.
    claims = {"sub": str(user_id), "sid": str(session_id), "role": role, "iat": now.timestamp(), "exp": (now + LIFETIME).timestamp()}
    return jwt.encode(claims, key, algorithm=_ALGORITHM, headers={"kid": kid})


class Verifier:
    """Tells callers by their tokens."""

    def __init__(self, keys: PublicKeys, revoked: Refusals, clock: Callable[[], datetime]) -> None:
        self._keys = keys
        self._revoked = revoked
        self._clock = clock
        self._remembered: dict[bytes, Caller] = {}

    def verify(self, token: str) -> Caller:
        """Return who the token was issued to. Raises Unauthenticated, or Rejected (503) while this process has not read enough to tell."""
        if not self._revoked.ready:
            raise _not_yet()
        digest = hashlib.sha256(token.encode(errors="surrogatepass")).digest()
        caller = self._remembered.get(digest)
        if caller is None:
            caller = self._check(token)
            if len(self._remembered) >= _REMEMBERED:
                del self._remembered[next(iter(self._remembered))]
            self._remembered[digest] = caller
        if caller.expires_at <= self._clock():
            raise Unauthenticated("the access token has expired", code="token-expired")
        if self._revoked.refuse(caller):
            raise Unauthenticated("the access token was revoked")
        return caller

    def _check(self, token: str) -> Caller:
        if len(token) > _LONGEST or _TOKEN.fullmatch(token) is None:
            raise Unauthenticated("this is no access token")
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            key = self._keys.public_key(kid) if isinstance(kid, str) else None
            if key is None:
                raise Unauthenticated("the access token is signed with a key that is not ours") if self._keys.ready else _not_yet()
            options = {"verify_exp": False, "verify_iat": False, "verify_sub": False}  # by our own clock, below
            claims = _Claims.model_validate(jwt.decode(token, key, algorithms=[_ALGORITHM], options=options))  # type: ignore[arg-type]  # a dict is what it takes
            moments = [datetime.fromtimestamp(moment, UTC) for moment in (claims.iat, claims.exp)]
        except (jwt.PyJWTError, ValidationError, ValueError, OverflowError, RecursionError):
            raise Unauthenticated("the access token is not one of ours") from None
        return Caller(claims.sub, claims.sid, claims.role, *moments)


VERIFIER: web.AppKey[Verifier] = web.AppKey("VERIFIER", Verifier)


def authenticate(request: web.Request, *, required: bool) -> None:
    """Set `request[CALLER]` from the bearer token; a bad token is refused even where none is needed, so that the client renews it."""
    header = request.headers.get("Authorization")
    if header is None:
        if required:
            raise Unauthenticated("sign in first: this needs an access token")
        return
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated("the Authorization header must be: Bearer, a blank, the access token")
    request[CALLER] = request.app[VERIFIER].verify(token.strip())


def _not_yet() -> Rejected:
    return Rejected(503, "unavailable", "this process has just started and can not tell yet who asks", {"Retry-After": "1"})
