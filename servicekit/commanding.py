"""Commands over HTTP: a request becomes a call, and an outcome that is not known yet gets an address.

`GET /api/<prefix>/commands/{address}` tells what became of a command, on any replica; `DELETE` gives it up.
"""

import time
from typing import Literal
from uuid import uuid4

from aiohttp import web
from pydantic import BaseModel

from eventlog.commands import Address, CommandNames, NoSuchCommand
from eventlog.deciding import Behind, Call, Decide, Outcome, Unknown
from events.refusals import Conflict, NotFound, Refused
from servicekit import telemetry
from servicekit.app import CLOCK
from servicekit.consistency import ASKED
from servicekit.engine import ENGINE
from servicekit.identity import CALLER
from servicekit.operations import Auth, operation
from servicekit.problems import Problem, Rejected, problem_of
from servicekit.replies import reply
from servicekit.requests import Representation, idempotency_key, if_match


@problem_of.register
def _(behind: Behind) -> Problem:
    return Problem(503, "parked" if behind.parked else "behind", str(behind), headers={"Retry-After": "1"})


def call(request: web.Request, *, topic: str, key: str, payload: BaseModel | None = None, actor: str | None = None) -> Call:
    """Make the call that a request stands for. `payload` is what was asked, without secrets; `actor` names one who is not signed in."""
    names = request.app[ENGINE].names
    who = actor if actor is not None else actor_of(request)
    named = idempotency_key(request)
    return Call(
        topic=topic,
        key=key,
        command_id=names.command_id(actor=who, topic=topic, key=key, idempotency_key=named) if named is not None else uuid4(),
        actor=who,
        now=request.app[CLOCK](),
        repeatable=named is not None,
        request=_asked(names, request, payload) if named is not None else "",  # nobody can repeat what has no name
        seen=request[ASKED],
        if_match=if_match(request),
        traceparent=telemetry.current().traceparent,
    )


def _asked(names: CommandNames, request: web.Request, payload: BaseModel | None) -> str:
    asked = payload.model_dump_json(exclude_unset=True).encode() if payload is not None else b""
    return names.request(f"{request.method} {request.path}", asked)


async def handle(request: web.Request, stream: str, command: object, decide: Decide, made: Call) -> Outcome:
    """Handle a command; where its outcome is not known in time, say where to ask."""
    engine = request.app[ENGINE]
    began, outcome = time.perf_counter(), "fault"
    try:
        handled = await engine.handler.handle(stream, command, decide, made)
    except Refused:
        outcome = "refused"
        raise
    except Behind:
        outcome = "behind"
        raise
    except Unknown as unknown:
        outcome = "unknown"
        raise Rejected(
            503,
            "unknown-outcome",
            "it is not known yet whether this was applied: ask at Location, or repeat it with the same Idempotency-Key",
            {"Location": f"{engine.commands_path}/{engine.names.write(unknown.address, _signed_in(request))}", "Retry-After": "1"},
        ) from unknown
    else:
        outcome = "accepted"
        return handled
    finally:
        request.app[telemetry.METRICS].commands.labels(outcome).observe(time.perf_counter() - began)


def actor_of(request: web.Request) -> str:
    """Name the signed-in user as an actor."""
    return str(request[CALLER].user_id)


class CommandState(Representation):
    """What became of a command: accepted (applied, for ever), closed (it never will be), or open."""

    state: Literal["accepted", "closed", "open"]


def command_routes(prefix: str) -> list[web.RouteDef]:
    """Make the routes of one service's commands."""
    path = f"/api/{prefix}/commands/{{address}}"
    return [web.get(path, _show), web.delete(path, _give_up)]


@operation(returns={200: CommandState}, auth=Auth.OPTIONAL, errors=(404, 503))
async def _show(request: web.Request) -> web.Response:
    """Tell what became of a command."""
    state = await request.app[ENGINE].handler.outcome(_address(request))
    return reply(CommandState.model_validate({"state": state}))


@operation(returns={204: None}, auth=Auth.OPTIONAL, errors=(404, 409, 503))
async def _give_up(request: web.Request) -> web.Response:
    """Give a command up: it never will be applied, whatever of it lands late."""
    closed = await _close(request, _address(request))
    if not closed:
        raise Conflict("the command was applied, and can not be given up any more")
    return reply(None)


async def _close(request: web.Request, address: Address) -> bool:
    engine = request.app[ENGINE]
    try:
        return await engine.handler.close(address, by=_signed_in(request), now=request.app[CLOCK]())
    except Unknown as unknown:
        raise Rejected(503, "unknown-outcome", "it is not known yet whether the command is given up", {"Retry-After": "1"}) from unknown


def _address(request: web.Request) -> Address:
    try:
        return request.app[ENGINE].names.read(request.match_info["address"], _signed_in(request))
    except NoSuchCommand:
        raise NotFound("there is no such command") from None


def _signed_in(request: web.Request) -> str:
    return actor_of(request) if CALLER in request else ""
