"""What a leader has just written, so that it need not read it again.

A partition's streams and documents change only together with its position, and each batch is committed only if the position is the one that
the batch before has left: so what this leader wrote is what the database holds, as long as no batch was discarded and no partition was
gained or lost. In each of these cases, and when it is full, all of it is forgotten; the versions of streams also when others judge.
"""

from collections.abc import Iterable, Mapping

import bson

from eventlog.documents import OPTIONS, Encoded
from eventlog.projection import Doc, Key

BYTES = 32 << 20
STREAMS = 100_000


class Cache:
    """Versions of streams, and documents as they are stored."""

    def __init__(self) -> None:
        self._versions: dict[str, int] = {}
        self._docs: dict[Key, Encoded | None] = {}
        self._bytes = 0

    def clear(self) -> None:
        """Forget everything."""
        self._versions.clear()
        self._docs.clear()
        self._bytes = 0

    def forget_versions(self) -> None:
        """Forget the versions of streams: others have judged."""
        self._versions.clear()

    def versions(self, streams: Iterable[str]) -> tuple[dict[str, int], list[str]]:
        """The versions that are known, and the streams of which none is."""
        found: dict[str, int] = {}
        missing: list[str] = []
        for stream in streams:
            version = self._versions.get(stream)
            if version is None:
                missing.append(stream)
            else:
                found[stream] = version
        return found, missing

    def documents(self, keys: Iterable[Key]) -> tuple[dict[Key, Doc | None], list[Key]]:
        """The documents that are known, just as they would be read, and the keys of which none is."""
        found: dict[Key, Doc | None] = {}
        missing: list[Key] = []
        for key in dict.fromkeys(keys):
            if key not in self._docs:
                missing.append(key)
            else:
                raw = self._docs[key]
                found[key] = bson.decode(raw.raw, OPTIONS) if raw is not None else None
        return found, missing

    def keep(self, versions: Mapping[str, int], docs: Mapping[Key, Encoded | None]) -> None:
        """Remember what was committed."""
        self._versions.update(versions)
        self._docs.update(docs)
        self._bytes += sum(len(raw.raw) for raw in docs.values() if raw is not None)
        if self._bytes > BYTES or len(self._versions) > STREAMS:
            self.clear()
