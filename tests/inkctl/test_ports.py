"""Ports are chosen once and kept, and who holds a taken one is named."""

import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from inkctl import ports
from inkctl.failures import Failed


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind((ports.LOOPBACK, 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_name_keeps_its_port(tmp_path: Path) -> None:
    first = ports.assign(tmp_path / "ports.json", ["kafka", "mongod"], door=8080)

    second = ports.assign(tmp_path / "ports.json", ["kafka", "mongod", "posts_service.2"], door=9090)

    assert (first["kafka"], first["mongod"], 9090) == (second["kafka"], second["mongod"], second["door"])
    assert 4 == len(set(second.values()))
    assert second == ports.read(tmp_path / "ports.json")


def test_a_port_that_the_user_chose_is_given_up_by_whoever_had_it(tmp_path: Path) -> None:
    first = ports.assign(tmp_path / "ports.json", ["kafka"], door=8080)

    second = ports.assign(tmp_path / "ports.json", ["kafka"], door=first["kafka"])

    assert first["kafka"] == second["door"] != second["kafka"]


@pytest.mark.parametrize("text", ["", "[]", '{"kafka": "x"}'])
def test_a_damaged_file_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "ports.json").write_text(text)

    assert {} == ports.read(tmp_path / "ports.json")


def test_a_taken_port_is_named_with_what_it_is_for_and_what_to_do(taken: int) -> None:
    with pytest.raises(Failed) as failure:
        ports.refuse_taken("door", taken, "choose another")

    assert "start of door" == failure.value.what
    assert f"port {taken} is taken" in failure.value.why
    assert "choose another" == failure.value.cure


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows who holds a port")
def test_who_holds_a_port_is_named(taken: int) -> None:
    assert (ports.holder_of(taken) or "").startswith(f"process {os.getpid()} (")


def test_a_free_port_is_free_and_of_nobody_else(tmp_path: Path) -> None:
    port = ports.free_port()

    assert ports.is_free(port)
    assert port in ports.RANGE
    assert json.loads("[]") == list(tmp_path.iterdir())
