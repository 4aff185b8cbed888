"""Writes many documents of one kind into MongoDB by one command.

PyMongo's bulk writes look at each document by itself, which takes longer than MongoDB needs to store it. Within transactions only: nothing
is tried again here.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError

from eventlog.documents import LARGEST, OPTIONS, Encoded

Document = Mapping[str, Any]
SMALL = 1 << 10  # bytes that an entry around a document, or a document of the ledger, is counted for


class Bulk:
    """The writes of one transaction. Each raises BulkWriteError where a document is refused, and pymongo's errors."""

    def __init__(self, database: AsyncDatabase[Any], session: AsyncClientSession) -> None:
        self._database = database
        self._session = session

    async def insert(self, collection: str, docs: Iterable[Document]) -> None:
        """Insert documents that are not there."""
        await self._run("insert", collection, "documents", docs)

    async def put(self, collection: str, docs: Iterable[tuple[str, Document]]) -> None:
        """Store documents by their ids, whether they are there or not."""
        await self._run("update", collection, "updates", ({"q": {"_id": doc_id}, "u": doc, "upsert": True} for doc_id, doc in docs))

    async def delete(self, collection: str, ids: Iterable[str]) -> None:
        """Delete documents by their ids."""
        await self._run("delete", collection, "deletes", ({"q": {"_id": doc_id}, "limit": 1} for doc_id in ids))

    async def _run(self, verb: str, collection: str, name: str, entries: Iterable[Document]) -> None:
        for part in _parts(entries):
            command = {verb: collection, "ordered": False, name: part}
            reply = await self._database.command(command, codec_options=OPTIONS, session=self._session)
            if errors := reply.get("writeErrors"):
                raise BulkWriteError({"writeErrors": errors, "writeConcernErrors": []})


def _parts(entries: Iterable[Document]) -> Iterator[list[Document]]:
    """Cut entries into lists of which each fits into one command."""
    part: list[Document] = []
    size = 0
    for entry in entries:
        doc = entry if type(entry) is Encoded else entry.get("u")
        more = SMALL + (len(doc.raw) if type(doc) is Encoded else 0)
        if part and size + more > LARGEST:
            yield part
            part, size = [], 0
        part.append(entry)
        size += more
    if part:
        yield part
