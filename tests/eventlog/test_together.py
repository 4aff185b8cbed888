import asyncio
from typing import Any

import pytest

from eventlog.together import Together


class Database:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.answers = asyncio.Semaphore(0)
        self.fails = False

    async def ask(self, names: list[str]) -> dict[str, Any]:
        self.asked.append(names)
        await self.answers.acquire()
        if self.fails:
            raise ConnectionError
        return {name: name.upper() for name in names if name != "unknown"}


@pytest.fixture
def database() -> Database:
    return Database()


async def asking(together: Together, *names: str) -> "asyncio.Task[dict[str, Any]]":
    task = asyncio.create_task(together(names))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return task


async def test_a_question_is_answered(database: Database) -> None:
    together = Together(database.ask)
    asked = await asking(together, "a", "unknown")

    database.answers.release()

    assert {"a": "A"} == await asked


async def test_what_is_asked_meanwhile_is_asked_together(database: Database) -> None:
    together = Together(database.ask)
    asked = [await asking(together, "a"), await asking(together, "b", "c"), await asking(together, "c")]

    for _ in range(2):
        database.answers.release()

    assert [{"a": "A"}, {"b": "B", "c": "C"}, {"c": "C"}] == [await each for each in asked]
    assert [["a"], ["b", "c"]] == database.asked


async def test_an_answer_is_never_older_than_its_question(database: Database) -> None:
    together = Together(database.ask)
    first, second = await asking(together, "a"), await asking(together, "a")

    database.answers.release()
    await first
    assert not second.done()
    database.answers.release()

    assert {"a": "A"} == await second
    assert [["a"], ["a"]] == database.asked


async def test_who_asks_is_told_what_went_wrong(database: Database) -> None:
    together = Together(database.ask)
    database.fails = True
    first, second = await asking(together, "a"), await asking(together, "b")
    database.answers.release()

    with pytest.raises(ConnectionError):
        await first
    database.fails = False
    database.answers.release()

    assert {"b": "B"} == await second


async def test_who_asks_no_more_keeps_nobody_waiting(database: Database) -> None:
    together = Together(database.ask)
    first, second, third = [await asking(together, name) for name in "abc"]

    first.cancel()
    second.cancel()
    for _ in range(2):
        database.answers.release()

    assert {"c": "C"} == await third
