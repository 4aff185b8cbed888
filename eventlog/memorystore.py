"""What one service's database holds, in memory: collections of documents, positions that can be watched, and leases."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import bson

from eventlog.documents import OPTIONS, encode
from eventlog.memoryleases import Leased
from eventlog.projection import Doc
from eventlog.record import Partition

Change = tuple[Partition, Mapping[str, Any]]  # of a position: the fields that are other than they were


@dataclass
class MemoryStore:
    """What one service's database holds: collections of documents by their ids, as bytes, and who leads. Replicas share it."""

    collections: dict[str, dict[str, bytes]] = field(default_factory=lambda: defaultdict(dict))
    leases: Leased = field(default_factory=Leased)
    watchers: list[Callable[[Change | None], None]] = field(default_factory=list)

    def contents(self) -> dict[str, dict[str, bytes]]:
        """A copy of every collection that holds something."""
        return {name: dict(sorted(docs.items())) for name, docs in sorted(self.collections.items()) if docs}

    def find(self, collection: str, ids: Iterable[str]) -> dict[str, Doc]:
        """Some documents; those that are not there are missing."""
        docs = self.collections[collection]
        return {each: bson.decode(docs[each], OPTIONS) for each in ids if each in docs}

    def all(self, collection: str) -> list[Doc]:
        """All documents of a collection."""
        return [bson.decode(doc, OPTIONS) for doc in self.collections[collection].values()]

    def put(self, collection: str, doc: Doc) -> None:
        """Store a document by its id, whatever was there."""
        self.collections[collection][doc["_id"]] = bytes(encode(doc["_id"], doc).raw)

    def move(self, place: Partition, fields: Mapping[str, Any]) -> None:
        """Set fields of a position, and tell those who watch."""
        [before] = self.find("positions", [str(place)]).values()
        self.put("positions", {**before, **fields})
        changed = {name: value for name, value in fields.items() if name not in before or before[name] != value}
        for watcher in self.watchers:
            watcher((place, changed))

    def drop(self) -> None:
        """Lose everything."""
        self.collections.clear()
        self.leases.clear()
        for watcher in self.watchers:
            watcher(None)
