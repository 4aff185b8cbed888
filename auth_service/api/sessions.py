"""Signing in, going on, and signing out."""

import contextlib
from uuid import UUID, uuid4

from aiohttp import web

from auth_service import bodies, domain
from auth_service.api import cookies
from auth_service.api.accounts import PLACE, email_hash, handle_hash, normal
from auth_service.api.signing_in import answer, check_password, sign_in
from auth_service.domain import Account
from auth_service.store import ACCOUNTS, REFRESH_TOKENS
from eventlog.progress import Token
from events.refusals import Unauthenticated
from events.sessions import Ending
from servicekit import identity
from servicekit.app import CLOCK
from servicekit.commanding import call, handle
from servicekit.engine import ENGINE
from servicekit.identity import CALLER
from servicekit.limits import RATES
from servicekit.operations import Auth, operation
from servicekit.problems import instance_of, problem_of, respond
from servicekit.replies import reply
from servicekit.requests import body


@operation(returns={200: bodies.Session}, body=bodies.Credentials, auth=Auth.NONE, idempotent=True, errors=(401, 429))
async def login(request: web.Request) -> web.Response:
    """Sign in by handle or e-mail address."""
    asked = await body(request, bodies.Credentials)
    named = normal(asked.login)
    await request.app[RATES].attempt(request, account=named)
    account = await check_password(request, await _account_of(request, named), named, asked.password)
    actor = request.app[ENGINE].names.anonymous("login", normal(account.email))
    return await sign_in(request, account, actor=actor, asked=asked.without_secrets(), status=200, seen=Token())


@operation(returns={200: bodies.Session}, auth=Auth.NONE, errors=(401, 403))
async def refresh(request: web.Request) -> web.Response:
    """Go on with a session: a new access token for the refresh cookie, which is replaced."""
    shown = cookies.kept(request)
    tokens, accounts, now = request.app[REFRESH_TOKENS], request.app[ACCOUNTS], request.app[CLOCK]()
    grant = await tokens.find(shown, now) if shown is not None else None
    if grant is None:
        return _signed_out(request, "there is no session to go on with: sign in")
    # The role is to be the account's as it stands, not as a replica that is behind has it.
    await request.app[ENGINE].handler.read_to_end(PLACE)
    _, account = await accounts.account(grant.user_id)
    if account.user_id is None or (await accounts.session(grant.session_id)).closed_at is not None:
        await tokens.forget(grant.session_id)
        return _signed_out(request, "the session has ended: sign in")
    token = await tokens.rotate(grant, now)  # last: nothing that can fail comes after it, or the browser would be left with the old one
    if token is None:
        await _close(request, grant.session_id, grant.user_id, Ending.REUSED)
        return _signed_out(request, "this refresh token was used before, so somebody else may have it: the session is closed, sign in")
    return answer(request, account, grant.session_id, token)


@operation(returns={204: None}, auth=Auth.NONE, idempotent=True, errors=(403,))
async def logout(request: web.Request) -> web.Response:
    """Sign out: the session of the access token, and that of the refresh cookie, end for good."""
    written = Token()
    for session_id, user_id in (await _held(request)).items():
        written = written.merge(await _close(request, session_id, user_id, Ending.SIGNED_OUT))
    response = reply(None, token=written)
    cookies.drop(request, response)
    return response


async def _account_of(request: web.Request, named: str) -> Account | None:
    """The account that a handle or an e-mail address names."""
    # For every login, known or not: another replica may just have registered it, and the time taken tells nobody which it is.
    await request.app[ENGINE].handler.read_to_end(PLACE)
    stream = domain.email_stream(email_hash(request, named)) if "@" in named else domain.handle_stream(handle_hash(request, named))
    accounts = request.app[ACCOUNTS]
    user_id = await accounts.holder(stream)
    _, account = await accounts.account(user_id if user_id is not None else uuid4())
    return account if account.user_id is not None else None


async def _held(request: web.Request) -> dict[UUID, UUID]:
    """The sessions, and whose they are, that the request holds tokens of. A token that is not valid any more has nothing to end."""
    held: dict[UUID, UUID] = {}
    shown = cookies.kept(request)
    if shown is not None and (grant := await request.app[REFRESH_TOKENS].find(shown, request.app[CLOCK]())) is not None:
        held[grant.session_id] = grant.user_id
    with contextlib.suppress(Unauthenticated):
        identity.authenticate(request, required=False)
    if (caller := request.get(CALLER)) is not None:
        held[caller.session_id] = caller.user_id
    return held


async def _close(request: web.Request, session_id: UUID, user_id: UUID, reason: Ending) -> Token:
    """End a session on the log, then here."""
    made = call(request, topic="sessions", key=str(session_id), actor=str(user_id))
    command = domain.CloseSession(session_id=session_id, user_id=user_id, reason=reason, now=made.now)
    outcome = await handle(request, domain.session_stream(session_id), command, domain.close_session, made)
    request.app[ENGINE].revocations.close(session_id)
    await request.app[REFRESH_TOKENS].forget(session_id)
    return outcome.token


def _signed_out(request: web.Request, detail: str) -> web.Response:
    """Refuse, and let the browser forget the cookie that is good for nothing any more."""
    refused = Unauthenticated(detail)
    problem = problem_of(refused)
    if problem is None:
        raise refused
    response = respond(problem, instance_of(request))
    cookies.drop(request, response)
    return response
