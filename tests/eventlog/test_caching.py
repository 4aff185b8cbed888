from datetime import UTC, datetime

import pytest

from eventlog import caching
from eventlog.caching import Cache
from eventlog.documents import encode

KEY, GONE, OTHER = ("jars", "jar:a"), ("jars", "jar:gone"), ("jars", "jar:b")
DOC = {"_id": "jar:a", "at": datetime(2026, 11, 1, 12, 0, 0, 123456, tzinfo=UTC), "tags": ("x", "y")}


def test_a_document_comes_back_just_as_it_would_be_read() -> None:
    cache = Cache()
    cache.keep({"posts/0/jar:a": 3}, {KEY: encode("jar:a", DOC), GONE: None})

    found, missing = cache.documents([KEY, GONE, OTHER, KEY])

    assert {KEY: {"_id": "jar:a", "at": datetime(2026, 11, 1, 12, 0, 0, 123000, tzinfo=UTC), "tags": ["x", "y"]}, GONE: None} == found
    assert [OTHER] == missing
    assert ({"posts/0/jar:a": 3}, ["posts/0/jar:b"]) == cache.versions(["posts/0/jar:a", "posts/0/jar:b"])


def test_what_one_does_with_a_document_is_not_remembered() -> None:
    cache = Cache()
    cache.keep({}, {KEY: encode("jar:a", DOC)})
    doc = cache.documents([KEY])[0][KEY]
    assert doc is not None

    doc["tags"].append("z")

    again = cache.documents([KEY])[0][KEY]
    assert again is not None
    assert ["x", "y"] == again["tags"]


def test_a_full_cache_forgets_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "BYTES", 100)
    cache = Cache()
    for number in range(3):
        cache.keep({f"s{number}": 1}, {("jars", str(number)): encode(str(number), {"x": "y" * 30})})

    assert ({}, ["s0"]) == cache.versions(["s0"])
    assert [("jars", "0")] == cache.documents([("jars", "0")])[1]
