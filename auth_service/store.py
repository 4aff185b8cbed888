"""What auth_service reads of its views, and its refresh tokens: rotation is no fact, so they have a database of their own.

Dropping the read models leaves `refresh_tokens` and `refresh_sessions` alone; dropping these signs everybody out and loses nothing else.
Of a token only its hash is kept. A session counts its generations: the token of the present one is good once, that of the one before for
ten seconds more (several tabs renew at the same moment, an answer is lost), and any older one is in hands that it should not be in.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from aiohttp import web
from pymongo import ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.write_concern import WriteConcern

from auth_service.domain import Account, Session, session_stream, user_stream
from auth_service.projection import EMAILS, HANDLES, SESSIONS, USERS
from eventlog.projection import Aggregate
from servicekit.serving import Serving

LIFETIME = timedelta(days=30)
GRACE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a refresh token stands for."""

    session_id: UUID
    user_id: UUID
    generation: int


class Accounts:
    """Reads accounts and sessions as this service's views have them."""

    def __init__(self, views: Serving) -> None:
        self._views = views

    async def account(self, user_id: UUID) -> tuple[int, Account]:
        """Version and state of an account; version 0 where there is none."""
        version, state = await self._state(USERS, user_stream(user_id))
        return version, state

    async def session(self, session_id: UUID) -> Session:
        """A session, without a user where it is not known."""
        state: Session = (await self._state(SESSIONS, session_stream(session_id)))[1]
        return state

    async def holder(self, stream: str) -> UUID | None:
        """Whose a handle or an e-mail address is."""
        aggregate = HANDLES if stream.startswith("handle:") else EMAILS
        holder: UUID | None = (await self._state(aggregate, stream))[1].user_id
        return holder

    async def _state(self, aggregate: Aggregate, stream: str) -> tuple[int, Any]:
        doc = (await self._views.read(aggregate.view, [stream])).get(stream)
        return (doc["version"] if doc is not None else 0), aggregate.load(doc)


class RefreshTokens:
    """Gives refresh tokens out, takes them back, and tells when one comes twice."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        database = database.with_options(write_concern=WriteConcern("majority"))
        self._tokens = database.refresh_tokens
        self._sessions = database.refresh_sessions

    async def prepare(self) -> None:
        """Make the indexes; MongoDB deletes what has expired."""
        await self._tokens.create_index("expires_at", expireAfterSeconds=0)
        await self._tokens.create_index("session_id")
        await self._sessions.create_index("expires_at", expireAfterSeconds=0)

    async def issue(self, session_id: UUID, user_id: UUID, now: datetime) -> str:
        """Give out a token of a session's present generation: the first one, or one more for a sign-in that was repeated."""
        session: dict[str, Any] = await self._sessions.find_one_and_update(  # type: ignore[assignment] # an upsert finds one always
            {"_id": session_id},
            {"$setOnInsert": {"user_id": user_id, "generation": 0, "rotated_at": None}, "$set": {"expires_at": now + LIFETIME}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return await self._give(Grant(session_id, user_id, session["generation"]), now)

    async def find(self, token: str, now: datetime) -> Grant | None:
        """What a token stands for, whether it was rotated or not; None where it was never given out, or has ended."""
        found = await self._tokens.find_one({"_id": _hash(token), "expires_at": {"$gt": now}})
        return Grant(found["session_id"], found["user_id"], found["generation"]) if found is not None else None

    async def rotate(self, grant: Grant, now: datetime) -> str | None:
        """Give out the next token for one that was shown; None where that one had its turn before and the grace is over."""
        following = Grant(grant.session_id, grant.user_id, grant.generation + 1)
        advanced = await self._sessions.find_one_and_update(
            {"_id": grant.session_id, "generation": grant.generation},
            {"$set": {"generation": following.generation, "rotated_at": now, "expires_at": now + LIFETIME}},
        )
        if advanced is None:
            session = await self._sessions.find_one({"_id": grant.session_id})
            if session is None or session["generation"] != following.generation or now - session["rotated_at"] > GRACE:
                return None
        return await self._give(following, now)

    async def forget(self, session_id: UUID) -> None:
        """Take every token of a session back."""
        await self._tokens.delete_many({"session_id": session_id})
        await self._sessions.delete_one({"_id": session_id})

    async def _give(self, grant: Grant, now: datetime) -> str:
        token = secrets.token_urlsafe(32)
        await self._tokens.insert_one({"_id": _hash(token), **_fields(grant), "expires_at": now + LIFETIME})
        return token


ACCOUNTS: web.AppKey[Accounts] = web.AppKey("ACCOUNTS", Accounts)
REFRESH_TOKENS: web.AppKey[RefreshTokens] = web.AppKey("REFRESH_TOKENS", RefreshTokens)


def _fields(grant: Grant) -> dict[str, Any]:
    return {"session_id": grant.session_id, "user_id": grant.user_id, "generation": grant.generation}


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
