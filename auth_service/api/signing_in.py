"""Signing somebody in who is known to be who they say: a session on the log, an access token, a refresh cookie."""

from dataclasses import replace
from uuid import UUID, uuid4, uuid5

from aiohttp import web
from pydantic import BaseModel

from auth_service import bodies, domain
from auth_service.api import cookies
from auth_service.domain import Account
from auth_service.passwords import PASSWORDS
from auth_service.settings import SETTINGS
from auth_service.store import REFRESH_TOKENS
from eventlog.deciding import Call, Outcome
from eventlog.progress import Token
from events.base import Personal
from events.refusals import Unauthenticated
from events.sessions import Device
from servicekit import identity
from servicekit.app import CLOCK
from servicekit.commanding import call, handle
from servicekit.engine import ENGINE
from servicekit.limits import RATES, client_address
from servicekit.replies import reply
from servicekit.requests import header_text


async def check_password(request: web.Request, account: Account | None, login: str, password: str) -> Account:
    """Give the account back if the password is its own. Whether there is such an account shows neither in the answer nor in its time.

    `login` is what it was named by, in its normal form: the caller has counted the attempt by it. Raises Unauthenticated.
    """
    same = await request.app[PASSWORDS].match(password, account.password_hash if account is not None else None)
    if account is None or not same:
        raise Unauthenticated("the handle, the e-mail address or the password is not right")
    await request.app[RATES].succeeded(login)
    return account


async def sign_in(request: web.Request, account: Account, *, actor: str, asked: BaseModel, status: int, seen: Token) -> web.Response:
    """Open a session and answer with its tokens. `asked` is the request's body without secrets, `seen` what was written before."""
    user_id = owner(account)
    named = call(request, topic="sessions", key=str(user_id), payload=asked, actor=actor)
    session_id, outcome = await _open(request, account, named)
    if outcome.state.closed_at is not None:  # it was opened by an earlier try of this request, and has ended since
        session_id, outcome = await _open(request, account, replace(named, command_id=uuid4(), repeatable=False))
    token = await request.app[REFRESH_TOKENS].issue(session_id, user_id, request.app[CLOCK]())
    return answer(request, account, session_id, token, status=status, written=seen.merge(outcome.token))


def answer(
    request: web.Request, account: Account, session_id: UUID, token: str, *, status: int = 200, written: Token | None = None
) -> web.Response:
    """Answer with an access token and the refresh cookie."""
    kid, key = request.app[ENGINE].signing.signing_key()
    user_id, now = owner(account), request.app[CLOCK]()
    access_token = identity.issue(key, kid, user_id=user_id, session_id=session_id, role=account.role.value, now=now)
    user = bodies.User(id=user_id, handle=account.handle, name=account.name, role=account.role)
    shown = bodies.Session(user=user, access_token=access_token, expires_in=int(identity.LIFETIME.total_seconds()))
    response = reply(shown, status, token=written)
    cookies.keep(request, response, token)
    return response


def owner(account: Account) -> UUID:
    """Whose account it is."""
    if account.user_id is None:
        raise LookupError("nobody has this account")
    return account.user_id


async def _open(request: web.Request, account: Account, named: Call) -> tuple[UUID, Outcome]:
    # The session's id is its partition key, and follows from the command; so the command's own name has the user's id in that place.
    session_id = uuid5(named.command_id, "session")
    if account.kid is None:
        raise LookupError("the account has no key")
    address = client_address(request, request.app[SETTINGS].trusted_proxies)
    command = domain.OpenSession(
        session_id=session_id,
        user_id=owner(account),
        device=Personal(account.kid, Device(user_agent=header_text(request, "User-Agent"), address=address)),
        now=named.now,
    )
    made = replace(named, key=str(session_id), if_match=None)
    return session_id, await handle(request, domain.session_stream(session_id), command, domain.open_session, made)
