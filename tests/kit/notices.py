"""What a supervisor tells, for tests to wait for."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from inkctl.programs import State


@dataclass
class Notices:
    """What a keeper has told, to be waited for."""

    told: list[tuple[str, State, str]] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def __call__(self, name: str, state: State, detail: str) -> None:
        self.told.append((name, state, detail))
        asyncio.get_running_loop().call_soon(self._wake)

    def _wake(self) -> None:
        self._task = asyncio.ensure_future(self._notify())

    async def _notify(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def until(self, reached: Callable[[], bool], *, seconds: float = 20) -> None:
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(reached)

    def states(self, name: str) -> list[State]:
        return [state for told, state, _ in self.told if told == name]
