"""Only the jars that are pinned are ever run."""

import hashlib
from pathlib import Path

import pytest

from inkctl.failures import Failed
from inkctl.parts.jars import PINS, Jar, fetch, read_pins


def _pin(name: str, content: bytes) -> Jar:
    return Jar("org.example", name, "1.0", hashlib.sha256(content).hexdigest())


class Shop:
    """Gives away what it has, and counts."""

    def __init__(self, **contents: bytes) -> None:
        self.contents = contents
        self.sold: list[str] = []

    def __call__(self, jar: Jar, folder: Path) -> Path:
        self.sold.append(jar.artifact)
        path = folder / jar.name
        path.write_bytes(self.contents[jar.artifact])
        return path


A, B = _pin("a", b"A"), _pin("b", b"B")


def _quiet(_done: int, _all: int) -> None:
    pass


def test_the_pins_name_kafka_and_what_it_logs_with() -> None:
    pins = {f"{jar.artifact}-{jar.version}" for jar in read_pins(PINS.read_text())}

    assert {"kafka_2.13-4.3.1", "kafka-clients-4.3.1", "kafka-tools-4.3.1", "log4j-slf4j-impl-2.25.4"} <= pins
    assert len(pins) == len(read_pins(PINS.read_text()))


def test_jars_are_fetched_in_the_order_of_the_pins(tmp_path: Path) -> None:
    paths = fetch([B, A], tmp_path, _quiet, Shop(a=b"A", b=b"B"))

    assert [b"B", b"A"] == [path.read_bytes() for path in paths]


def test_what_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    fetch([A], tmp_path, _quiet, Shop(a=b"A"))
    shop = Shop(a=b"A", b=b"B")

    fetch([A, B], tmp_path, _quiet, shop)

    assert ["b"] == shop.sold


def test_an_altered_jar_is_never_kept(tmp_path: Path) -> None:
    with pytest.raises(Failed, match=r"check of a-1\.0\.jar"):
        fetch([A], tmp_path, _quiet, Shop(a=b"something else"))

    assert not (tmp_path / A.name).exists()


def test_a_jar_altered_on_the_disk_is_fetched_anew(tmp_path: Path) -> None:
    (tmp_path / A.name).write_bytes(b"half")

    fetch([A], tmp_path, _quiet, Shop(a=b"A"))

    assert b"A" == (tmp_path / A.name).read_bytes()


def test_a_download_that_fails_says_what_to_do_and_leaves_nothing(tmp_path: Path) -> None:
    def closed(_jar: Jar, _folder: Path) -> Path:
        raise OSError("no route")

    with pytest.raises(Failed, match="no route") as failure:
        fetch([A], tmp_path, _quiet, closed)

    assert "run the same command again" in failure.value.cure
    assert [".lock"] == [path.name for path in tmp_path.iterdir()]


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    fetch([A], tmp_path, _quiet, Shop(a=b"A"))

    fetch([A, B], tmp_path, lambda done, total: told.append((done, total)), Shop(b=b"B"))

    assert [(1, 2), (2, 2)] == told
