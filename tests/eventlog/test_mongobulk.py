from typing import Any

import pytest
from pymongo.errors import BulkWriteError

from eventlog.documents import Encoded, encode
from eventlog.mongobulk import Bulk


class Database:
    """Takes commands, and answers each with what it is told to."""

    def __init__(self, **reply: Any) -> None:
        self.commands: list[dict[str, Any]] = []
        self._reply = reply

    async def command(self, command: dict[str, Any], **_: Any) -> dict[str, Any]:
        self.commands.append(command)
        return {"ok": 1.0, **self._reply}


def large(number: int) -> Encoded:
    return encode(f"{number}", {"text": "x" * (6 << 20)})


def bulk(database: Any) -> Bulk:
    return Bulk(database, session=database)


async def test_what_does_not_fit_into_one_command_is_written_by_several() -> None:
    database, docs = Database(), [large(number) for number in range(5)]

    await bulk(database).insert("views", docs)
    await bulk(database).put("views", [(doc["_id"], doc) for doc in docs])

    assert [2, 2, 1] == [len(command["documents"]) for command in database.commands[:3]]
    assert [2, 2, 1] == [len(command["updates"]) for command in database.commands[3:]]


async def test_nothing_to_write_asks_for_nothing() -> None:
    database = Database()

    await bulk(database).insert("views", [])
    await bulk(database).delete("views", [])

    assert [] == database.commands


async def test_a_refused_document_is_told() -> None:
    database = Database(writeErrors=[{"index": 0, "code": 11000, "errmsg": "there is one"}])

    with pytest.raises(BulkWriteError) as refused:
        await bulk(database).insert("attempts", [{"_id": "one"}])

    assert [11000] == [error["code"] for error in refused.value.details["writeErrors"]]
