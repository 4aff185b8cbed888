"""Questions to the database that many ask at once, asked once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

Answers = Mapping[str, Any]


class Together:
    """Answers questions by name. Those that come while an earlier one is under way are asked together, right after it.

    An answer is never older than its question.
    """

    def __init__(self, ask: Callable[[list[str]], Awaitable[Answers]]) -> None:
        self._ask = ask
        self._waiting: list[tuple[list[str], asyncio.Future[Answers]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def __call__(self, names: Iterable[str]) -> dict[str, Any]:
        """The answers to some questions; those without one are missing. Raises what asking raises."""
        wanted = list(names)
        future: asyncio.Future[Answers] = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, future))
        if self._asking is None:
            self._asking = asyncio.create_task(self._run(), name="together")
        found = await future
        return {name: found[name] for name in wanted if name in found}

    async def _run(self) -> None:
        try:
            while self._waiting:
                asked, self._waiting = self._waiting, []
                await self._answer(asked)
        finally:
            self._asking = None

    async def _answer(self, asked: list[tuple[list[str], "asyncio.Future[Answers]"]]) -> None:
        try:
            found = await self._ask(list(dict.fromkeys(name for names, _ in asked for name in names)))
        except Exception as error:  # noqa: BLE001 - each of those who asked is told
            for _, future in asked:
                if not future.done():
                    future.set_exception(error)
        except asyncio.CancelledError:
            for _, future in asked:
                future.cancel()
            raise
        else:
            for _, future in asked:
                if not future.done():
                    future.set_result(found)
