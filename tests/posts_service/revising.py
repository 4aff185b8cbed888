"""A command whose outcome is not known, on two replicas, and what of it lands when a test says so."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientSession

from eventlog import appending
from eventlog.commands import Address
from eventlog.progress import Token
from servicekit.engine import Engine
from tests.kit.installation import Installation, Reply, Somebody
from tests.kit.troubled import Append, Troubled

# What is told of a command, what giving it up is answered, and its repeat.
TOLD = {"accepted": ("accepted", 409, 200), "closed": ("closed", 204, 409)}


@dataclass
class Revision:
    """A command that changes a post, called on the first of two replicas, between which and the log there may be trouble."""

    site: Installation
    pair: tuple[ClientSession, ClientSession]
    engines: tuple[Engine, Engine]
    troubled: tuple[Troubled, Troubled]
    author: Somebody
    post: str
    key: str = field(default_factory=lambda: str(uuid4()))

    @property
    def address(self) -> str:
        """Where its outcome can be asked for."""
        engine, author = self.engines[0], str(self.author.id)
        command_id = engine.names.command_id(actor=author, topic="posts", key=author, idempotency_key=self.key)
        return f"{engine.commands_path}/{engine.names.write(Address('posts', author, command_id), author)}"

    async def call(self, client: ClientSession | None = None) -> Reply:
        """Call it, or repeat it."""
        return await self.author.ask(client or self.pair[0], "PATCH", self.post, {"body": "meant"}, Idempotency_Key=self.key, If_Match="*")

    async def elsewhere(self, body: str = "elsewhere") -> None:
        """Change the post by another command, on the other replica."""
        reply = await self.author.ask(self.pair[1], "PATCH", self.post, {"body": body}, If_Match="*")
        assert 200 == reply.status, reply.shown

    async def is_unknown(self, trouble: Callable[[Append], Awaitable[int]]) -> None:
        """Call it in such trouble that its outcome is not known in time."""
        self.troubled[0].trouble = trouble
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(appending, "VERDICT_TIMEOUT", 0.0)
            reply = await self.call()
        self.troubled[0].trouble = None
        assert (503, "unknown-outcome") == (reply.status, reply.code), reply
        assert self.address == reply.headers["Location"]

    async def told(self, client: ClientSession) -> Any:
        """What a replica tells of it."""
        reply = await self.author.ask(client, "GET", self.address)
        assert 200 == reply.status, reply.shown
        return reply.shown["state"]

    async def given_up(self, client: ClientSession) -> int:
        """Give it up; the status that this is answered with."""
        return (await self.author.ask(client, "DELETE", self.address)).status

    async def land(self) -> None:
        """Let all land that is late."""
        for each in self.troubled:
            for send in each.late:
                await send()

    async def ends(self, state: str, body: str, version: int) -> None:
        """All that is late lands, twice; everybody has to be told that the command is in this state, and the post so."""
        for _ in range(2):
            await self.land()
            for client in self.pair:
                repeated = await self.call(client)
                assert TOLD[state] == (await self.told(client), await self.given_up(client), repeated.status)
                seen = str(Token(await self.site.ends("posts")))
                shown = (await self.author.ask(client, "GET", self.post, Consistency_Token=seen)).shown
                assert (body, version) == (shown["body"], shown["version"])
