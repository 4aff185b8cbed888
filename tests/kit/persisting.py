"""Clients that do not give up: each command is sent by one name until it is answered for good."""

import asyncio
import time
from uuid import uuid4

from eventlog.deciding import Behind, Call, Unknown
from events.refusals import Conflict
from tests.kit.engine import Replica
from tests.kit.toy import AddMarble, call, decide


async def write(which: Replica, jar: str, stopping: asyncio.Event, answered: list[str]) -> None:
    """Put marbles into a jar, one after the other, and note each one that was answered."""
    while not stopping.is_set():
        if await insisted(which, jar):
            answered.append(jar)


async def insisted(which: Replica, jar: str) -> bool:
    """Put a marble into a jar; False where others were first five times."""
    named = call(key=jar, name=str(uuid4()))
    while (done := await tried(which, jar, named)) is None:
        pass
    return done


async def tried(which: Replica, jar: str, named: Call) -> bool | None:
    """Whether a command was applied; None where that is not known."""
    try:
        await which.handler.handle(f"jar:{jar}", AddMarble(jar), decide, named)
    except (Behind, Unknown):
        return None
    except Conflict:  # others were first five times
        return False
    return True


async def until_written(which: Replica, jar: str) -> float:
    """The seconds until a further marble is in a jar."""
    begun = time.monotonic()
    assert await insisted(which, jar)
    return time.monotonic() - begun
