"""Opening an account, showing it to its owner, and the keys that tell everybody who is signed in."""

import base64
import unicodedata
from uuid import uuid5

from aiohttp import web

from auth_service import bodies, domain
from auth_service.api.signing_in import check_password, sign_in
from auth_service.passwords import PASSWORDS
from auth_service.settings import SETTINGS
from auth_service.store import ACCOUNTS
from eventlog.deciding import Call
from eventlog.record import Partition
from events.accounts import Credentials, Profile
from events.base import Personal
from events.refusals import Conflict, Unauthenticated
from events.sealing import lookup_hash
from servicekit.commanding import call, handle
from servicekit.consistency import observe
from servicekit.engine import ENGINE
from servicekit.identity import CALLER
from servicekit.limits import RATES
from servicekit.operations import Auth, operation
from servicekit.replies import reply
from servicekit.requests import body

TOPIC, KEY = "accounts", "accounts"  # one partition key for all accounts: uniqueness needs one order
PLACE = Partition(TOPIC, 0)


@operation(returns={201: bodies.Session}, body=bodies.Registration, auth=Auth.NONE, idempotent=True, errors=(401, 409, 429))
async def register(request: web.Request) -> web.Response:
    """Open an account and sign in."""
    await request.app[RATES].attempt(request)
    asked = await body(request, bodies.Registration)
    actor = request.app[ENGINE].names.anonymous("register", normal(asked.email))
    made = call(request, topic=TOPIC, key=KEY, payload=asked.without_secrets(), actor=actor)
    command = await _register(request, asked, made)
    outcome = await handle(request, domain.user_stream(command.user_id), command, domain.register, made)
    account: domain.Account = outcome.state
    if account.password_hash != command.credentials.value.password_hash:  # an earlier try's: credentials are not given out without proof
        await request.app[RATES].attempt(request, account=normal(asked.email))
        await check_password(request, account, normal(asked.email), asked.password)
    return await sign_in(request, account, actor=actor, asked=asked.without_secrets(), status=201, seen=outcome.token)


@operation(returns={200: bodies.Me}, versioned=True)
async def me(request: web.Request) -> web.Response:
    """Show the account of the one who asks."""
    await observe(request)
    user_id = request[CALLER].user_id
    version, account = await request.app[ACCOUNTS].account(user_id)
    if account.user_id is None:
        await request.app[ENGINE].handler.read_to_end(PLACE)
        version, account = await request.app[ACCOUNTS].account(user_id)
    if account.user_id is None or account.registered_at is None:
        raise Unauthenticated("there is no such account")
    shown = bodies.Me(
        id=account.user_id,
        handle=account.handle,
        name=account.name,
        role=account.role,
        email=account.email,
        bio=account.bio,
        created_at=account.registered_at,
    )
    return reply(shown, version=version)


@operation(returns={200: bodies.PublicKeys}, auth=Auth.NONE)
async def public_keys(request: web.Request) -> web.Response:
    """Show the keys that access tokens are signed with."""
    published = request.app[ENGINE].signing.published()
    keys = [bodies.PublicKey(kid=kid, x=base64.urlsafe_b64encode(public).decode().rstrip("=")) for kid, public in sorted(published.items())]
    return reply(bodies.PublicKeys(keys=tuple(keys)), cache="no-cache")


def normal(text: str) -> str:
    """The one form of a handle or an e-mail address that names go by."""
    return unicodedata.normalize("NFC", text).lower()


def handle_hash(request: web.Request, handle_: str) -> str:
    """What stands for a handle in names."""
    return lookup_hash(request.app[SETTINGS].lookup_key.get_secret_value(), "handle", normal(handle_))


def email_hash(request: web.Request, email: str) -> str:
    """What stands for an e-mail address in names."""
    return lookup_hash(request.app[SETTINGS].lookup_key.get_secret_value(), "email", normal(email))


async def _register(request: web.Request, asked: bodies.Registration, made: Call) -> domain.Register:
    """Make the command, with keys of the account's own. Raises Conflict early where a name is known to be taken: hashing costs."""
    app, user_id = request.app, uuid5(made.command_id, "user")
    by_handle, by_email = handle_hash(request, asked.handle), email_hash(request, asked.email)

    async def still_free() -> None:
        if await app[ACCOUNTS].holder(domain.handle_stream(by_handle)) not in {None, user_id}:
            raise Conflict("this handle is taken", code="handle-taken")
        if await app[ACCOUNTS].holder(domain.email_stream(by_email)) not in {None, user_id}:
            raise Conflict("another account has this e-mail address", code="email-taken")

    await still_free()
    password_hash = await app[PASSWORDS].hash(asked.password, wanted=still_free)
    keys, subject = app[ENGINE].keys, domain.user_stream(user_id)
    kid = await keys.make(subject, made.command_id)
    credentials_kid = await keys.make(subject, made.command_id, kek=app[SETTINGS].credentials_kek.get_secret_value())
    return domain.Register(
        user_id=user_id,
        handle_hash=by_handle,
        email_hash=by_email,
        profile=Personal(kid, Profile(handle=asked.handle, name=asked.name or asked.handle)),
        credentials=Personal(credentials_kid, Credentials(email=asked.email, password_hash=password_hash)),
        now=made.now,
    )
