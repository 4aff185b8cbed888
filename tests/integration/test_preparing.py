"""What an operator's one-shot commands make of new servers, told by the environment alone."""

import socket
from pathlib import Path

import pytest
from pymongo import MongoClient

from inkctl.__main__ import main
from inkctl.parts.mongod import Mongod, find_mongod
from inkctl.ports import free_port
from tests.kit.processes import running

pytestmark = pytest.mark.integration


class Untouched(Mongod):
    """A mongod that nobody has made a replica set yet."""

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except OSError:
            return False


def test_a_new_mongod_becomes_the_primary_of_a_set_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mongod = Untouched(tmp_path / "data", find_mongod(), free_port())
    mongod.folder.mkdir()
    monkeypatch.setenv("INKSTREAM_MONGO", f"mongodb://localhost:{mongod.port}/?replicaSet=inkstream")

    with running(mongod, tmp_path / "output.log"):
        codes = [main(["mongo", "ensure", "--patience", "30"]) for _ in range(2)]

        with MongoClient[dict[str, object]](f"mongodb://localhost:{mongod.port}/?replicaSet=inkstream") as client:
            members = [member["host"] for member in client.admin.command("replSetGetConfig")["config"]["members"]]

    assert ([0, 0], [f"localhost:{mongod.port}"]) == (codes, members)
    assert [f"localhost:{mongod.port} is the primary of its replica set"] * 2 == capsys.readouterr().out.splitlines()


def test_topics_are_made_once_without_secrets_or_a_home_folder(
    kafka: str, topic_prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"HOME": str(tmp_path / "none"), "KAFKA": kafka, "TOPIC_PREFIX": topic_prefix}.items():
        monkeypatch.setenv(f"INKSTREAM_{name}", value)

    codes = [main(["topics", *words]) for words in (["ensure"], ["ensure"], ["list"])]

    tables = capsys.readouterr().out.splitlines()
    assert ([0, 0, 0], 3 * 8) == (codes, len(tables))
    assert "posts      posts     12 partitions          0 records  kept for ever" in tables


@pytest.mark.parametrize(
    ("words", "environment", "why"),
    [
        (["topics", "ensure"], {"KAFKA": "127.0.0.1:1"}, "KafkaConnectionError"),
        (["topics", "list"], {"KAFKA": "127.0.0.1:1"}, "it does not answer at 127.0.0.1:1"),
        (["topics", "list"], {"KAFKA": "127.0.0.1:1", "KAFKA_SASL": "PLAIN"}, "INKSTREAM_KAFKA_USER is wrong"),
        (["mongo", "ensure"], {"MONGO": "nonsense"}, "Invalid URI"),
        (["mongo", "ensure"], {"MONGO": "mongodb://127.0.0.1:1"}, "127.0.0.1:1"),
    ],
    ids=str,
)
def test_a_server_that_can_not_be_prepared_is_told(
    words: list[str], environment: dict[str, str], why: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(f"INKSTREAM_{name}", value)

    code = main(words)

    said = capsys.readouterr().err
    assert (1, True) == (code, why in said)
